// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import CoreGRPC

/// Clients that store blobs and references as fast as they can until the server is killed.
struct KillLoad: Sendable {
    /// Below, at and above the size from which on a blob is a file of its own.
    private static let largeSizes = [
        300_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (2 << 20) + 12_345, 6 << 20,
    ]
    private static let batchSizes = [1, 2, 30, 200]

    let client: CacheClient
    let ledger: KillLedger

    /// Runs until the server is killed; a call that fails before is thrown.
    func run(seed: UInt64) async throws {
        try await withThrowingTaskGroup { group in
            for (number, work) in [batches, batches, streams, streams, streams, references].enumerated() {
                let name = "\(seed)-\(number)"
                group.addTask {
                    var random = SeededRandom(seed: seed &+ UInt64(number))
                    do {
                        while !ledger.isKilled { try await work(name, &random) }
                    } catch let status as RPCStatus where ledger.isKilled {
                        _ = status  // what a killed server ends calls with is of no interest
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func batches(_ name: String, _ random: inout SeededRandom) async throws {
        let count = Self.batchSizes.randomElement(using: &random) ?? 1
        var blobs: [Blob] = []
        for _ in 0..<count {
            blobs.append(try announced(size: .random(in: 0...8000, using: &random), &random))
        }
        try await client.store(blobs)
        ledger.didStore(blobs.map(\.digest))
    }

    private func streams(_ name: String, _ random: inout SeededRandom) async throws {
        let blob = try announced(size: Self.largeSizes.randomElement(using: &random) ?? 0, &random)
        try await client.write(blob, piece: .random(in: 10_000...(1 << 20), using: &random))
        ledger.didStore([blob.digest])
    }

    /// A key of its own for each tree, and one key that every tree moves.
    private func references(_ name: String, _ random: inout SeededRandom) async throws {
        let file = try announced(size: .random(in: 1...2000, using: &random), &random)
        let root = try Blob(directoryOf: file, named: "f")
        let bytes = root.bytes
        ledger.willStore(root.digest) { bytes }
        try await client.store([file, root])
        ledger.didStore([file.digest, root.digest])
        for key in ["kept/\(name)/\(root.digest.hexadecimal)", "moving"] {
            ledger.willUpdate(key, to: root.digest)
            try await client.updateReference(key, to: root.digest)
            ledger.didUpdate(key, to: root.digest)
        }
    }

    private func announced(size: Int, _ random: inout SeededRandom) throws -> Blob {
        let seed = random.next()
        let blob = try Blob(seed: seed, size: size)
        ledger.willStore(blob.digest) { try Blob(seed: seed, size: size).bytes }
        return blob
    }
}
