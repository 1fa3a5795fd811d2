// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Synchronization
import Testing

@testable import CASDisk

struct DurabilityTests {
    private static func key(_ text: String) throws -> ReferenceKey { try ReferenceKey(text) }

    private static func test(
        _ durability: Durability = .reference, largeBlobSize: Int = 64 << 10
    ) throws -> (TestStore, FailingFileSystem) {
        let system = FailingFileSystem()
        var test = try TestStore {
            $0.durability = durability
            $0.largeBlobSize = largeBlobSize
        }
        test.environment.system = system
        return (test, system)
    }

    @Test func `a reference waits for the disk, and for the files of every blob before it`() async throws {
        let (test, system) = try Self.test()
        var random = SeededRandom(seed: 1)
        let (small, large) = (random.blob(size: 700), random.blob(size: 200_000))
        try await test.using { store in
            for blob in [small, large] { for result in await store.storeWhole([blob]) { try result.get() } }
            system.set(nil)
            try await store.updateReferences([try Self.key("a")], in: .unnamed, to: small.digest)
            let synced = system.synced
            #expect(synced.contains { $0.hasSuffix("00000001.seg") })
            #expect(synced.contains { $0.contains("/objects/") && $0.hasSuffix("-200000-2") })
            #expect(synced.contains { $0.hasSuffix("/segments") })
            #expect(synced.contains { $0.hasSuffix("/objects") })
            // What is on the disk already is not brought there again.
            system.set(nil)
            try await store.updateReferences([try Self.key("b")], in: .unnamed, to: small.digest)
            #expect(system.synced.isEmpty)
        }
    }

    @Test func `a blob waits for the disk only in the mode always, and nothing does in the mode none`()
        async throws
    {
        for (durability, blobs, references) in [
            (Durability.reference, false, true), (.always, true, false), (.none, false, false),
        ] {
            let (test, system) = try Self.test(durability)
            var random = SeededRandom(seed: 2)
            try await test.using { store in
                system.set(nil)
                let digest = try await store.store(random.bytes(100))
                #expect(system.synced.isEmpty != blobs, "\(durability)")
                system.set(nil)
                try await store.updateReferences([try Self.key("a")], in: .unnamed, to: digest)
                #expect(system.synced.isEmpty != references, "\(durability)")
            }
        }
    }

    @Test func `an upload that ends waits for the disk in the mode always`() async throws {
        let (test, system) = try Self.test(.always)
        var random = SeededRandom(seed: 3)
        let blob = random.blob(size: 100_000)
        let key = UploadKey(instance: .unnamed, identifier: "u", digest: blob.digest, compressor: .identity)
        try await test.using { store in
            let upload = try await store.openUpload(key, at: 0)
            try await upload.append(blob.content)
            system.set(nil)
            try await upload.finish()
            #expect(system.synced.contains { $0.contains("/objects/") })
        }
    }

    @Test func `updates that wait at the same time share one sync`() async throws {
        let (test, system) = try Self.test()
        var random = SeededRandom(seed: 4)
        try await test.using { store in
            let digest = try await store.store(random.bytes(100))
            system.set(nil)
            system.holdSyncs(true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                @Sendable func update(_ number: Int) async throws {
                    try await store.updateReferences(
                        [try Self.key("r\(number)")], in: .unnamed, to: digest)
                }
                group.addTask { try await update(0) }
                while !system.isHoldingSync { await Task.yield() }
                // The first is under way; all others gather behind it, and another blob with them.
                _ = try await store.store(random.bytes(101))
                for number in 1..<64 { group.addTask { try await update(number) } }
                while store.commits.waitingCount < 63 { await Task.yield() }
                system.holdSyncs(false)
                try await group.waitForAll()
            }
            #expect(system.synced.count { $0.hasSuffix(".seg") } == 2)
            for number in 0..<64 {
                let found = try await store.reference(try Self.key("r\(number)"), in: .unnamed)
                #expect(found == digest)
            }
        }
    }

    @Test func `a disk that does not take what was written keeps every later reference away`() async throws {
        let (test, system) = try Self.test()
        var random = SeededRandom(seed: 5)
        let (first, second) = (random.bytes(5_000), random.bytes(6_000))
        try await test.abandoning { store in
            let digest = try await store.store(first)
            system.failSyncs(with: .unreadable)
            for _ in 0..<2 {
                let error = await #expect(throws: StoreError.self) {
                    () async throws in
                    try await store.updateReferences([try Self.key("a")], in: .unnamed, to: digest)
                }
                #expect(error?.code == .failed)
                // The disk may say later that all is well: what it forgot is forgotten.
                system.failSyncs(with: nil)
            }
            let found = try await store.reference(Self.key("a"), in: .unnamed)
            #expect(found == nil)
            #expect(try await store.content(of: digest) == first)
        }
        // The next opening believes nothing that it does not read.
        try await test.using { store in
            #expect(test.log.lines.contains { $0.contains("the machine stopped") })
            let digest = try await store.store(second)
            try await store.updateReferences([try Self.key("a")], in: .unnamed, to: digest)
        }
    }

    @Test func `after a loss of power only what came since the checkpoint is read again`() async throws {
        let test = try TestStore { $0.segmentSize = 1 << 20 }
        var random = SeededRandom(seed: 6)
        let (before, after) = (
            (0..<40).map { _ in random.blob(size: 3_000) }, (0..<7).map { _ in random.blob(size: 3_000) }
        )
        try await test.abandoning { store in
            for result in await store.storeWhole(before) { try result.get() }
            try store.checkpoint()
            for result in await store.storeWhole(after) { try result.get() }
        }
        try test.changeState { $0[.bootIdentityLow] = 1 }
        try await test.using { store in
            let line = try #require(test.log.lines.first { $0.contains("the machine stopped") })
            #expect(line.contains("\"records\": 7") && line.contains("\"added\": 7"), "\(line)")
            for blob in before + after {
                #expect(try await store.content(of: blob.digest) == blob.content.joined())
            }
            #expect(store.figures.blobs == before.count + after.count)
        }
    }

    @Test func `an index that grew after the checkpoint goes back to the file that the checkpoint names`()
        async throws
    {
        let test = try TestStore()
        var random = SeededRandom(seed: 7)
        let before = (0..<500).map { _ in random.blob(size: 20) }
        let after = (0..<6_000).map { _ in random.blob(size: 20) }
        try await test.abandoning { store in
            for result in await store.storeWhole(before) { try result.get() }
            try store.checkpoint()
            for result in await store.storeWhole(after) { try result.get() }
        }
        // As if none of the newer files had reached the disk, though their names did.
        let files = try test.directory.files(in: "store/index").filter { $0.contains("-") }
        let shards = Dictionary(grouping: files) { $0.split(separator: "/").last!.prefix(2) }
        #expect(shards.values.contains { $0.count == 2 })
        for files in shards.values where files.count == 2 {
            let newest = files.sorted()[1]
            let size = try OperatingSystem().size(of: newest)
            try Data(count: size).write(to: URL(fileURLWithPath: newest))
        }
        try test.changeState { $0[.bootIdentityLow] = 1 }
        try await test.using { (store) async throws in
            #expect(try await store.missing(among: (before + after).map(\.digest)).isEmpty)
            #expect(store.figures.blobs == before.count + after.count)
        }
    }

    @Test func `a checkpoint that was torn leaves the one before it`() throws {
        let directory = try TemporaryDirectory()
        let files = StoreFiles(root: directory.path, on: OperatingSystem())
        try files.makeDirectory(files.index)
        let dirty = DirtyFiles(on: files.system) {}
        func checkpoint(_ number: UInt64) -> Checkpoint {
            Checkpoint(
                number: number, place: Place(segment: 3, offset: Int(number) * 32), sequence: number * 10,
                generations: (0..<Index.shardCount).map { UInt32($0) + UInt32(number) })
        }
        let file = try CheckpointFile(files, identity: 7, dirty: dirty)
        #expect(try file.newest() == nil)
        for number in 1...3 as ClosedRange<UInt64> {
            try file.write(checkpoint(number))
            #expect(try file.newest() == checkpoint(number))
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: files.checkpoint))
        bytes[4096 + 100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: files.checkpoint))
        #expect(try CheckpointFile(files, identity: 7, dirty: dirty).newest() == checkpoint(2))
        #expect(try CheckpointFile(files, identity: 8, dirty: dirty).newest() == nil)
    }

    @Test func `last uses are written when the store is told to`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 8)
        try await test.using { store in
            let digest = try await store.store(random.bytes(10))
            try await store.updateReferences([try Self.key("a")], in: .unnamed, to: digest)
            _ = try await store.reference(try Self.key("a"), in: .unnamed)
            #expect(store.records.hasUnwrittenUses)
            store.commits.flushUses()
            // Whatever is committed after it is so behind it.
            try await store.forgetReference(try Self.key("b"), in: .unnamed, naming: digest)
            #expect(!store.records.hasUnwrittenUses)
        }
    }
}
