// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

/// What `casemate store compact` rests on.
struct CompactionTests {
    /// Takes a blob out of the index, as finding it damaged does: its record, and its file, are dead.
    private static func kill(_ blob: WholeBlob, in store: DiskStore) throws {
        let entry = try #require(store.catalog.index.entry(of: IndexKey(of: blob.digest)))
        #expect(store.catalog.index.remove(entry.key, sequence: entry.sequence))
    }

    private static func sizeOnDisk(
        _ test: TestStore, of parts: [String] = ["segments", "objects", "index", "records.sqlite"]
    ) throws -> Int {
        try parts.reduce(0) { sum, name in
            try test.directory.files(in: "store").filter { $0.contains("/store/\(name)") }.reduce(sum) {
                $0 + SpaceLedger.blocks(try OperatingSystem().size(of: $1))
            }
        }
    }

    @Test(arguments: SeededRandom.seeds(keeping: 1, 2))
    func `what is live stays, what is dead goes, and the disk shrinks`(_ seed: UInt64) async throws {
        print("compaction: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let test = try TestStore {
            $0.segmentSize = 300_000
            $0.largeBlobSize = 64 << 10
        }
        let blobs = (0..<120).map { _ in
            random.blob(
                size: Int.random(in: 1...(Bool.random(using: &random) ? 150_000 : 3_000), using: &random))
        }
        var live: [WholeBlob] = []
        let key = try ReferenceKey("kept")
        let uses = try await test.using { store in
            for blob in blobs { try await store.store(blob.content.joined(), as: blob.digest) }
            for blob in blobs {
                if Int.random(in: 0..<3, using: &random) == 0 {
                    live.append(blob)
                } else {
                    try Self.kill(blob, in: store)
                }
            }
            try await store.updateReferences([key], in: .unnamed, to: live[0].digest)
            return live.map { store.catalog.index.entry(of: IndexKey(of: $0.digest))?.lastUse }
        }
        let before = try Self.sizeOnDisk(test)
        let objects = try test.directory.files(in: "store/objects").count
        var later = test
        later.environment.wallClock = WallClock { .max }
        later.environment.hasThreads = false
        let summary = try await later.using { store in
            let summary = try store.compact()
            #expect(summary.bytesBefore > summary.bytesAfter && summary.segmentsRemoved > 0)
            #expect(summary.bytesAfter == store.space.total && summary.damagedBlobs == 0)
            for (use, name) in [(SpaceLedger.Use.segments, "segments"), (.objects, "objects")] {
                let onDisk = try Self.sizeOnDisk(test, of: [name])
                #expect(store.space.used(for: use) == onDisk, "\(name)")
            }
            #expect(live.map { store.catalog.index.entry(of: IndexKey(of: $0.digest))?.lastUse } == uses)
            return summary
        }
        let liveObjects = live.count { $0.digest.size >= 64 << 10 }
        #expect(summary.filesRemoved == objects - liveObjects)
        #expect(try test.directory.files(in: "store/objects").count == liveObjects)
        #expect(try Self.sizeOnDisk(test) < before)
        try await test.using { store in
            #expect(store.figures.blobs == live.count)
            #expect(try store.figures.usedBytes == Self.sizeOnDisk(test))
            for blob in live { #expect(try await store.content(of: blob.digest) == blob.content.joined()) }
            #expect(try await store.reference(key, in: .unnamed) == live[0].digest)
            for blob in blobs { try await store.store(blob.content.joined(), as: blob.digest) }
        }
        let (checked, findings) = try await test.using { store in
            try await CheckedStore.check(store, repairing: false)
        }
        #expect(findings.isEmpty && checked.blobs == blobs.count)
    }

    @Test func `a store without dead records keeps its segments, and a second compaction finds nothing`()
        async throws
    {
        let store = try await CheckedStore(seed: 31)
        try await store.test.using { open in
            let first = try open.compact()
            #expect(first.segmentsRemoved == 0 && first.recordsMoved == 0 && first.filesRemoved == 0)
        }
        try await store.test.using { open in
            try Self.kill(store.small[3], in: open)
            try Self.kill(store.large[0], in: open)
            let second = try open.compact()
            #expect(second.segmentsRemoved == 2 && second.recordsMoved == 3 && second.filesRemoved == 1)
            let third = try open.compact()
            #expect(third.segmentsRemoved == 0 && third.bytesBefore == third.bytesAfter)
        }
        let (summary, findings) = try await store.check()
        #expect(findings.isEmpty && summary.deadRecords == 0 && summary.blobs == 7)
    }

    @Test func `a compaction that the machine's end cuts short loses nothing`() async throws {
        let store = try await CheckedStore(seed: 32)
        let live = [store.small[0], store.small[1], store.small[2]]
        // The process ends after the records are copied and the index has moved, before the segment is gone.
        try await store.test.abandoning { open in
            try Self.kill(store.small[3], in: open)
            var segment = try SegmentEviction(
                1, SegmentEviction.Parts(catalog: open.catalog, log: open.log, dirtyFiles: open.dirty))
            #expect(try segment.run(0, protectedAfter: 0) && segment.tally.reappendedBlobs == 3)
        }
        try await store.test.using { (open) async throws in
            for blob in live + store.large {
                #expect(try await open.content(of: blob.digest) == blob.content.joined())
            }
            #expect(try open.compact().segmentsRemoved >= 1)
        }
        // As if the machine had stopped instead: the index is that of the checkpoint.
        try await store.test.abandoning { open in
            try Self.kill(store.small[0], in: open)
            _ = try open.compact()
        }
        try store.test.changeState { $0[.bootIdentityLow] = 1 }
        try await store.test.using { (open) async throws in
            for blob in live.dropFirst() + store.large {
                #expect(try await open.content(of: blob.digest) == blob.content.joined())
            }
        }
        #expect(try await store.check().1.isEmpty)
    }

    @Test func `a damaged record is dropped, not copied`() async throws {
        let store = try await CheckedStore(seed: 33)
        let entry = try await store.entry(of: store.small[2])
        try CheckedStore.flip(store.segment(1), at: entry.place.offset + 500)
        try await store.test.using { open in
            try Self.kill(store.small[3], in: open)
            let summary = try open.compact()
            #expect(summary.damagedBlobs == 1 && summary.recordsMoved == 2)
            #expect(try await !open.has(store.small[2].digest))
        }
        #expect(try await store.check().1.isEmpty)
    }
}
