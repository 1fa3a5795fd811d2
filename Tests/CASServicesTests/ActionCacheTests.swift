// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import Foundation
import RemoteAPI
import SwiftProtobuf
import Testing

extension CacheServer {
    func result(
        of action: Digest, in instance: String = "",
        _ change: (inout GetActionResultRequest) -> Void = { _ in }
    ) async throws -> ActionResult {
        var request = GetActionResultRequest.with {
            $0.instanceName = instance
            $0.actionDigest = message(action)
        }
        change(&request)
        return try await channel.call(ActionCacheMethods.getActionResult, request)
    }

    @discardableResult
    func update(_ action: Digest, in instance: String = "", to result: ActionResult) async throws
        -> ActionResult
    {
        try await channel.call(
            ActionCacheMethods.updateActionResult,
            .with {
                $0.instanceName = instance
                $0.actionDigest = message(action)
                $0.actionResult = result
            })
    }
}

@Suite struct ActionCacheTests {
    let action = Content("an action").digest
    let output = Content("compiled")
    let log = Content("a warning")
    let tree = SmallTree()

    private var treeBlob: Content {
        Content(
            Tree.with {
                $0.root = try! Directory(serializedBytes: Array(tree.root.bytes))
                $0.children = tree.directories.dropFirst().map {
                    try! Directory(serializedBytes: Array($0.bytes))
                }
            })
    }

    private var result: ActionResult {
        .with {
            $0.outputFiles = [
                .with {
                    $0.path = "out/a.o"
                    $0.digest = message(output.digest)
                }
            ]
            $0.outputDirectories = [
                .with {
                    $0.path = ""
                    $0.treeDigest = message(treeBlob.digest)
                },
                .with {
                    $0.path = "dir"
                    $0.rootDirectoryDigest = message(tree.root.digest)
                },
            ]
            $0.stdoutDigest = message(log.digest)
            $0.exitCode = 1
        }
    }

    private var needed: [Content] { tree.all + [output, log, treeBlob] }

    @Test func `§5, the result is what was stored, in its instance only`() async throws {
        try await CacheServer.run { (cache) async throws in
            for content in needed { try await cache.keep(content) }
            await expect(.notFound) { _ = try await cache.result(of: action) }
            #expect(try await cache.update(action, in: "main", to: result) == result)
            #expect(try await cache.result(of: action, in: "main") == result)
            await expect(.notFound) { _ = try await cache.result(of: action) }
        }
    }

    @Test(arguments: 0..<9)
    func `§5, a result is NOT_FOUND unless all it names is present`(position: Int) async throws {
        try await CacheServer.run { (cache) async throws in
            for (index, content) in needed.enumerated() where index != position {
                try await cache.keep(content)
            }
            try await cache.update(action, to: result)
            await expect(.notFound) { _ = try await cache.result(of: action) }
            try await cache.keep(needed[position])
            #expect(try await cache.result(of: action) == result)
        }
    }

    @Test func `§5, a tree in one blob needs the files, not the directories`() async throws {
        try await CacheServer.run { (cache) async throws in
            for content in [tree.file, tree.other, treeBlob] { try await cache.keep(content) }
            let result = ActionResult.with { $0.outputDirectories = [self.result.outputDirectories[0]] }
            try await cache.update(action, to: result)
            #expect(try await cache.result(of: action) == result)
        }
    }

    @Test func `§5, contents are put in where asked for, while there is room`() async throws {
        var limits = ServiceLimits()
        limits.maximumInlinedResultSize = 600
        try await CacheServer.run(limits: limits) { (cache) async throws in
            let large = Content(size: 700)
            try await cache.keep(output, log, large)
            let stored = ActionResult.with {
                $0.outputFiles = [("a", large), ("b", output), ("c", output)].map { path, content in
                    .with {
                        $0.path = path
                        $0.digest = message(content.digest)
                    }
                }
                $0.stdoutDigest = message(log.digest)
                $0.stderrDigest = message(log.digest)
            }
            try await cache.update(action, to: stored)
            #expect(try await cache.result(of: action) == stored)
            let filled = try await cache.result(of: action) {
                $0.inlineStdout = true
                $0.inlineOutputFiles = ["a", "b", "nonsense"]
            }
            var expected = stored
            expected.stdoutRaw = Data(Array(log.bytes))
            expected.outputFiles[1].contents = Data(Array(output.bytes))
            #expect(filled == expected)
            #expect(try filled.serializedData().count <= 600)
        }
    }

    @Test func `§5, a malformed digest and an empty path are INVALID_ARGUMENT`() async throws {
        try await CacheServer.run { (cache) async throws in
            let changes: [(inout ActionResult) -> Void] = [
                { $0.outputFiles[0].path = "" }, { $0.outputFiles[0].digest.hash = "x" },
                { $0.outputFiles[0].clearDigest() }, { $0.stdoutDigest.sizeBytes = -1 },
                { $0.stderrDigest = DigestMessage() }, { $0.outputDirectories[0].treeDigest.hash = "" },
                { $0.outputDirectories[1].clearRootDirectoryDigest() },
                { $0.outputSymlinks = [OutputSymlink()] }, { $0.outputFileSymlinks = [OutputSymlink()] },
            ]
            for change in changes {
                var bad = result
                change(&bad)
                await expect(.invalidArgument, "\(bad)") { try await cache.update(action, to: bad) }
            }
            let none = await code {
                _ = try await cache.channel.call(
                    ActionCacheMethods.updateActionResult, .with { $0.actionDigest = message(action) })
            }
            #expect(none == .invalidArgument)
        }
    }
}
