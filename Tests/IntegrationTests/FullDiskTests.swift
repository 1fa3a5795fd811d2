// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import CoreGRPC
import Foundation
import Synchronization
import Testing

/// DESIGN.md §5: a full disk refuses with RESOURCE_EXHAUSTED, loses nothing, and the store comes back.
@Suite(.enabled(if: SmallDisk.isPossible, "mounting a small file system needs root"))
struct FullDiskTests {
    private static let mebibyte = 1 << 20

    /// What one client stored, and how its last call ended.
    private struct Load {
        var stored: [Blob] = []
        var refusal: RPCStatus?
    }

    /// Stores batches of small blobs, or large ones, until a call is refused or there are so many bytes.
    private static func load(
        _ client: CacheClient, seed: UInt64, large: Bool, bytesAtMost: Int
    ) async throws -> Load {
        var random = SeededRandom(seed: seed)
        var load = Load()
        var bytes = 0
        while bytes < bytesAtMost {
            let blobs =
                large
                ? [try Blob(random.bytes(2 * mebibyte + 5))]
                : try (0..<40).map { _ in try Blob(random.bytes(.random(in: 1...8_000, using: &random))) }
            do {
                if large { try await client.write(blobs[0]) } else { try await client.store(blobs) }
                load.stored += blobs
                bytes += blobs.reduce(0) { $0 + $1.digest.size }
            } catch let status as RPCStatus {
                load.refusal = status
                return load
            }
        }
        return load
    }

    private static func loads(
        _ address: String, seed: UInt64, bytesAtMost: Int
    ) async throws -> [Load] {
        try await withThrowingTaskGroup(of: Load.self) { group in
            for number in 0..<4 as Range<UInt64> {
                group.addTask {
                    try await load(
                        CacheClient(address), seed: seed &+ number, large: number % 2 == 1,
                        bytesAtMost: bytesAtMost)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// That every blob reads back as it was stored, or is not there where that is allowed; returns how many are.
    private static func read(
        _ blobs: [Blob], _ client: CacheClient, mayLack: Bool, _ note: Comment
    ) async throws -> Int {
        var found = 0
        for blob in blobs {
            let content = try await client.read(blob.digest)
            if let content {
                #expect(content == blob.bytes, note)
                found += 1
            } else {
                #expect(mayLack, note)
            }
        }
        return found
    }

    @Test func `a disk that others filled refuses what is new, serves what is there, and comes back`()
        async throws
    {
        let seed = UInt64.random(in: .min ... .max)
        let note: Comment = "seed \(seed)"
        let disk = try SmallDisk(megabytes: 64)
        let folder = try TemporaryFolder()
        let (root, log) = (disk.url.appending(path: "store"), folder.file("server.log"))
        let limits = ["--max-size", "60M", "--min-age", "1h"]
        var server = try await CasemateProcess.start(root: root, log: log, arguments: limits)
        let before = try await Self.loads(server.address, seed: seed, bytesAtMost: 4 * Self.mebibyte)
        #expect(before.allSatisfy { $0.refusal == nil }, note)

        try disk.fill("ballast", leaving: 3 * Self.mebibyte)
        let full = try await Self.loads(server.address, seed: seed &+ 100, bytesAtMost: 100 * Self.mebibyte)
        for load in full {
            #expect(load.refusal?.code == .resourceExhausted, "\(load.refusal as Any), \(note)")
        }
        let stored = (before + full).flatMap(\.stored)
        let all = try await Self.read(stored, CacheClient(server.address), mayLack: false, note)
        #expect(all == stored.count)

        // It starts, and stops, on a disk that is full to the last block, too.
        try disk.fill("last", leaving: 0)
        #expect(try await server.stop() == .exited(0))
        server = try await CasemateProcess.start(root: root, log: log, arguments: limits)
        let again = try await Self.read(stored, CacheClient(server.address), mayLack: false, note)
        #expect(again == stored.count)

        for name in ["ballast", "last"] {
            try FileManager.default.removeItem(at: disk.url.appending(path: name))
        }
        let after = try await Self.loads(server.address, seed: seed &+ 200, bytesAtMost: 2 * Self.mebibyte)
        for load in after { #expect(load.refusal == nil, note) }
        _ = try await Self.read(
            stored + after.flatMap(\.stored), CacheClient(server.address), mayLack: false, note)
        #expect(try await server.stop() == .exited(0))
    }

    @Test func `a store that may evict takes many times its size, and keeps the head room it was told`()
        async throws
    {
        let seed = UInt64.random(in: .min ... .max)
        let note: Comment = "seed \(seed)"
        let disk = try SmallDisk(megabytes: 96)
        let folder = try TemporaryFolder()
        let (root, log) = (disk.url.appending(path: "store"), folder.file("server.log"))
        let server = try await CasemateProcess.start(
            root: root, log: log, arguments: ["--min-free", "24M"])
        let loads = try await Self.loads(server.address, seed: seed, bytesAtMost: 100 * Self.mebibyte)
        for load in loads { #expect(load.refusal == nil, "\(load.refusal as Any), \(note)") }
        #expect(try disk.freeBytes > 8 * Self.mebibyte, note)
        let client = CacheClient(server.address)
        let stored = loads.flatMap(\.stored)
        let found = try await Self.read(stored, client, mayLack: true, note)
        #expect(found > 0 && found < stored.count, note)
        #expect(try await server.stop() == .exited(0))
        let printed = try String(contentsOf: log, encoding: .utf8)
        #expect(!printed.contains("amaged"), "\(printed)")
    }
}
