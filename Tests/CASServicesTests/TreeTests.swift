// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import RemoteAPI
import SwiftProtobuf
import Testing

extension CacheServer {
    /// The messages that GetTree answers with.
    func tree(_ root: Digest, pageSize: Int32 = 0, after token: String = "") async throws -> [GetTreeResponse]
    {
        let request = GetTreeRequest.with {
            $0.rootDigest = message(root)
            $0.pageSize = pageSize
            $0.pageToken = token
        }
        let responses = try channel.call(ContentAddressableStorageMethods.getTree, request)
        var pages: [GetTreeResponse] = []
        while let page = try await responses.next() { pages.append(page) }
        return pages
    }
}

@Suite struct TreeTests {
    let tree = SmallTree()

    @Test func `T1, a root that is missing is NOT_FOUND, one that is no directory is INVALID_ARGUMENT`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            await expect(.notFound) { _ = try await cache.tree(tree.root.digest) }
            let text = Content("no directory")
            try await cache.keep(text)
            await expect(.invalidArgument) { _ = try await cache.tree(text.digest) }
            #expect(try await cache.tree(Content("").digest).flatMap(\.directories).count == 1)
        }
    }

    @Test func `T2, T3, each distinct directory comes once, and those that are missing are left out`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache)
            let all = try await cache.tree(tree.root.digest).flatMap(\.directories)
            #expect(all == tree.directories.map { ByteChain($0.bytes) })
        }
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache, without: tree.left)
            let rest = try await cache.tree(tree.root.digest).flatMap(\.directories)
            #expect(rest == [tree.root, tree.right, tree.shared].map { ByteChain($0.bytes) })
        }
    }

    @Test(arguments: 1...5)
    func `T3, pages hold no more than asked for, and any server goes on from a token`(pageSize: Int)
        async throws
    {
        let store = MemoryStore()
        var tokens: [String] = []
        try await CacheServer.run(store: store) { (cache) async throws in
            try await tree.keep(in: cache)
            let pages = try await cache.tree(tree.root.digest, pageSize: Int32(pageSize))
            #expect(pages.flatMap(\.directories) == tree.directories.map { ByteChain($0.bytes) })
            #expect(
                pages.dropLast().allSatisfy { $0.directories.count == pageSize && !$0.nextPageToken.isEmpty })
            #expect(pages.last?.nextPageToken == "")
            tokens = pages.map(\.nextPageToken).filter { !$0.isEmpty }
        }
        try await CacheServer.run(store: store) { (cache) async throws in
            for (position, token) in tokens.enumerated() {
                let rest = try await cache.tree(tree.root.digest, pageSize: 1, after: token).flatMap(
                    \.directories)
                let expected = tree.directories.dropFirst(pageSize * (position + 1))
                #expect(rest == expected.map { ByteChain($0.bytes) })
            }
        }
    }

    @Test func `T4, a token of another tree or of nobody, and a negative page size are INVALID_ARGUMENT`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache)
            let token = try await cache.tree(tree.root.digest, pageSize: 1)[0].nextPageToken
            let tokens = [
                "x", "-", "1", "0" + token, token + " ", "2" + token.dropFirst(), "99" + token.dropFirst(),
                "-" + token, "+" + token, "\u{0}", String(repeating: "9", count: 5000),
            ]
            for token in tokens {
                let code = await code { _ = try await cache.tree(tree.root.digest, after: token) }
                #expect(code == .invalidArgument, "\(token)")
            }
            await expect(.invalidArgument) { _ = try await cache.tree(tree.shared.digest, after: token) }
            await expect(.invalidArgument) { _ = try await cache.tree(tree.root.digest, pageSize: -1) }
        }
    }

    @Test func `T5, a large tree comes in messages of about a mebibyte`() async throws {
        let file = Content("leaf").digest
        // 2,000 directories of some 5 KiB below 40 others.
        let leaves = (0..<2000).map { number in
            Content(files: Dictionary(uniqueKeysWithValues: (0..<50).map { ("file \(number) \($0)", file) }))
        }
        let middle = (0..<40).map { number in
            Content(
                directories: Dictionary(
                    uniqueKeysWithValues: leaves[number * 50..<number * 50 + 50].enumerated().map {
                        ("d\($0.offset)", $0.element.digest)
                    }))
        }
        let root = Content(
            directories: Dictionary(
                uniqueKeysWithValues: middle.enumerated().map { ("m\($0.offset)", $0.element.digest) }))
        try await CacheServer.run { (cache) async throws in
            for content in leaves + middle + [root] { try await cache.keep(content) }
            let pages = try await cache.tree(root.digest)
            #expect(pages.flatMap(\.directories).count == 2041)
            #expect(Set(pages.flatMap(\.directories).map { try! Digest.of($0) }).count == 2041)
            let sizes = pages.map { $0.directories.reduce(0) { $0 + $1.count } }
            #expect(sizes.allSatisfy { $0 <= 1 << 20 } && sizes.count < 12, "\(sizes)")
        }
    }

    @Test func `a directory that is no directory, or too long, is left out of the tree`() async throws {
        var limits = ServiceLimits()
        limits.trees.maximumDirectorySize = 1000
        try await CacheServer.run(limits: limits) { (cache) async throws in
            let text = Content("no directory")
            let long = Content(
                files: Dictionary(uniqueKeysWithValues: (0..<20).map { ("\($0)", text.digest) }))
            let root = Content(directories: ["a": text.digest, "b": long.digest])
            try await cache.keep(text, long, root)
            #expect(try await cache.tree(root.digest).flatMap(\.directories) == [ByteChain(root.bytes)])
        }
    }

    @Test func `a tree of more directories than the bound is refused`() async throws {
        var limits = ServiceLimits()
        limits.trees.maximumDirectories = 3
        try await CacheServer.run(limits: limits) { (cache) async throws in
            try await tree.keep(in: cache)
            await expect(.invalidArgument) { _ = try await cache.tree(tree.root.digest) }
        }
    }
}
