// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import RemoteAPI
import SwiftProtobuf
import Synchronization
import Testing

extension CacheServer {
    func reference(_ key: String, in instance: String = "") async throws -> DigestMessage {
        try await channel.call(
            ReferenceStorageMethods.getReference,
            .with {
                $0.instanceName = instance
                $0.key = key
            }
        ).digest
    }

    func update(_ keys: [String], in instance: String = "", to digest: DigestMessage) async throws {
        _ = try await channel.call(
            ReferenceStorageMethods.updateReference,
            .with {
                $0.instanceName = instance
                $0.keys = keys
                $0.digest = digest
            })
    }
}

@Suite struct ReferenceTests {
    let tree = SmallTree()

    @Test func `§6, a reference is found under all its keys, in its instance only`() async throws {
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache)
            try await cache.update(["project/element/key", "b"], in: "main", to: message(tree.root.digest))
            #expect(try await cache.reference("project/element/key", in: "main") == message(tree.root.digest))
            #expect(try await cache.reference("b", in: "main") == message(tree.root.digest))
            await expect(.notFound) { _ = try await cache.reference("b") }
            await expect(.notFound) { _ = try await cache.reference("c", in: "main") }
        }
    }

    @Test(arguments: 0..<6)
    func `§6, a reference to a tree that is not whole is NOT_FOUND and forgotten`(position: Int) async throws
    {
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache, without: tree.all[position])
            try await cache.update(["key"], to: message(tree.root.digest))
            await expect(.notFound) { _ = try await cache.reference("key") }
            try await tree.keep(in: cache)
            await expect(.notFound) { _ = try await cache.reference("key") }
            try await cache.update(["key"], to: message(tree.root.digest))
            #expect(try await cache.reference("key") == message(tree.root.digest))
        }
    }

    @Test func `§6, a malformed key or digest is INVALID_ARGUMENT and changes nothing`() async throws {
        try await CacheServer.run { (cache) async throws in
            try await tree.keep(in: cache)
            let good = message(tree.root.digest)
            for key in [
                "", "/etc/passwd", "a/../b", "./a", "a//b", "a/", "a\u{0}b",
                String(repeating: "x", count: 4097),
            ] {
                await expect(.invalidArgument, "\(key)") { try await cache.update(["good", key], to: good) }
                await expect(.invalidArgument, "\(key)") { _ = try await cache.reference(key) }
            }
            await expect(.invalidArgument) { try await cache.update(["good"], to: DigestMessage()) }
            await expect(.invalidArgument) { try await cache.update(["good"], in: "a//b", to: good) }
            await expect(.notFound) { _ = try await cache.reference("good") }
        }
    }

    @Test func `§6, a blob that is no directory makes a reference that is not found`() async throws {
        try await CacheServer.run { (cache) async throws in
            let text = Content("no directory")
            try await cache.keep(text)
            try await cache.update(["key"], to: message(text.digest))
            await expect(.notFound) { _ = try await cache.reference("key") }
        }
    }

    @Test func `DESIGN §5, a tree that was walked is remembered, and what went missing is noticed`()
        async throws
    {
        let layer = Mutex<(faulty: FaultyBlobStore, forgetful: ForgetfulBlobStore)?>(nil)
        try await CacheServer.run(over: { base in
            let forgetful = ForgetfulBlobStore(base)
            let faulty = FaultyBlobStore(forgetful)
            layer.withLock { $0 = (faulty, forgetful) }
            return faulty
        }) { (cache) async throws in
            let (faulty, forgetful) = layer.withLock { $0! }
            try await tree.keep(in: cache)
            try await cache.update(["key"], to: message(tree.root.digest))
            for _ in 0..<3 { _ = try await cache.reference("key") }
            #expect(faulty.wholeReads.load(ordering: .relaxed) == 4)
            forgetful.forget(tree.other.digest)
            await expect(.notFound) { _ = try await cache.reference("key") }
            #expect(faulty.wholeReads.load(ordering: .relaxed) == 4)
        }
    }

    @Test func `§6, §4, the status and the capabilities say what the caller may do`() async throws {
        for (rights, mayPush) in [(Rights.read, false), ([.read, .push], true)] {
            try await CacheServer.run(rights: rights) { (cache) async throws in
                let status = try await cache.channel.call(ReferenceStorageMethods.status, StatusRequest())
                #expect(status.allowUpdates == mayPush)
                let capabilities = try await cache.channel.call(
                    CapabilitiesMethods.getCapabilities, .with { $0.instanceName = "main" })
                #expect(capabilities.cacheCapabilities.actionCacheUpdateCapabilities.updateEnabled == mayPush)
            }
        }
    }
}

/// A store that acts as if some blobs had been evicted.
final class ForgetfulBlobStore: BlobStore {
    private let base: any BlobStore
    private let forgotten = Mutex<Set<Digest>>([])

    init(_ base: any BlobStore) {
        self.base = base
    }

    func forget(_ digest: Digest) {
        forgotten.withLock { _ = $0.insert(digest) }
    }

    func missing(among digests: [Digest]) async throws(StoreError) -> [Digest] {
        let absent = Set(try await base.missing(among: digests)).union(forgotten.withLock { $0 })
        return digests.filter(absent.contains)
    }

    func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>] {
        await base.readWhole(digests)
    }

    func reader(of digest: Digest, from offset: Int) async throws(StoreError) -> any BlobReader {
        try await base.reader(of: digest, from: offset)
    }

    func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>] {
        await base.storeWhole(blobs)
    }

    func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload {
        try await base.openUpload(key, at: offset)
    }

    func keptBytes(of key: UploadKey) async -> Int? {
        await base.keptBytes(of: key)
    }
}
