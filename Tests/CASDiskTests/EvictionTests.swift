// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Synchronization
import Testing

@testable import CASDisk

struct EvictionTests {
    @Test(arguments: SeededRandom.seeds(keeping: 1))
    func `a store that is filled many times over stays within its size and keeps what is used`(
        _ seed: UInt64
    ) async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: seed)
        let hot = (0..<30).map { random.blob(size: $0 % 5 == 0 ? 100_000 : 3_000) }
        var all: [WholeBlob] = []
        var kept: [WholeBlob] = []
        try await fixture.test.using { store in
            for result in await store.storeWhole(hot) { try result.get() }
            all = try await fixture.fill(store, bytes: 6 * EvictionFixture.maximumSize, &random, using: hot) {
                #expect(store.space.total <= EvictionFixture.maximumSize)
                if store.space.total > EvictionFixture.maximumSize * 95 / 100 { store.evict() }
            }
            #expect(try await store.present(hot).count == hot.count)
            kept = try await store.present(all)
            // The young are here, the old are gone, and most of the room is used.
            let young = all.suffix(all.count / 12).map(\.digest)
            #expect(Set(young).isSubset(of: kept.map(\.digest)))
            #expect(Set(kept.map(\.digest)).isDisjoint(with: all.prefix(all.count / 2).map(\.digest)))
            #expect(kept.reduce(0) { $0 + $1.digest.size } > EvictionFixture.maximumSize * 3 / 4)
            #expect(store.figures.blobs == kept.count + hot.count)
            #expect(store.figures.evictedBlobs == all.count - kept.count)
            #expect(store.figures.reappendedBlobs >= hot.count)
            #expect(store.figures.oldestSegmentAge > .zero)
            let segments = try fixture.test.directory.files(in: "store/segments")
            #expect(store.figures.segments == segments.count)
            try fixture.check(store)
        }
        #expect(fixture.test.log.lines.contains { $0.contains("evicted") && $0.contains("freed") })
        for isClean in [true, false] {
            let expected = Set((kept + hot).map(\.digest))
            let body: (DiskStore) async throws -> Void = { store in
                #expect(Set(try await store.present(all + hot).map(\.digest)) == expected)
                #expect(store.figures.blobs == expected.count)
                try fixture.check(store)
            }
            if isClean { try await fixture.test.using(body) } else { try await fixture.test.abandoning(body) }
        }
        try await fixture.test.using { store in
            #expect(try await store.present(kept + hot).count == kept.count + hot.count)
            try fixture.check(store)
        }
    }

    @Test func `eviction goes down to the low mark and no further`() async throws {
        let fixture = try EvictionFixture {
            ($0.eviction.highWater, $0.eviction.lowWater) = (0.8, 0.6)
        }
        var random = SeededRandom(seed: 2)
        try await fixture.test.using { store in
            try await fixture.fill(store, bytes: EvictionFixture.maximumSize * 7 / 10, &random)
            #expect(store.evict() == Evictor.Outcome(isReached: true))
            try await fixture.fill(store, bytes: EvictionFixture.maximumSize / 8, &random)
            let outcome = store.evict()
            #expect(outcome.isReached && outcome.freedBytes > 0)
            let share = Double(store.space.total) / Double(EvictionFixture.maximumSize)
            #expect(share <= 0.6 && share > 0.5)
            try fixture.check(store)
        }
    }

    @Test func `what is protected by its age stays, and goes when its time is over`() async throws {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(1000) }
        var random = SeededRandom(seed: 3)
        try await fixture.test.using { store in
            var stored: [WholeBlob] = []
            var failure: StoreError?
            for _ in 0..<10_000 where failure == nil {
                do {
                    stored += try await fixture.fill(store, bytes: 1, &random)
                } catch {
                    failure = try #require(error as? StoreError)
                }
            }
            #expect(failure?.code == .noSpace)
            let present = try await store.present(stored)
            #expect(present.count == stored.count)
            let before = store.figures
            #expect(!store.evict(to: EvictionGoal.Target(usedAtMost: 0)).hasMadeRoom)
            #expect(store.figures.reappendedBlobs == before.reappendedBlobs, "nothing was copied in vain")
            fixture.clock.turn(by: 1000)
            #expect(store.evict(to: EvictionGoal.Target(usedAtMost: 0)).tally.evictedBlobs == 0)
            // Last uses are seconds, rounded down: the last second of them counts.
            fixture.clock.turn(by: 1)
            try await fixture.fill(store, bytes: EvictionFixture.maximumSize / 3, &random)
            #expect(try await store.present(stored).count < stored.count)
            try fixture.check(store)
        }
    }

    @Test func `blobs that are protected are kept when all others go`() async throws {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(100) }
        var random = SeededRandom(seed: 4)
        try await fixture.test.using { store in
            let old = try await fixture.fill(store, bytes: 4 << 20, &random)
            fixture.clock.turn(by: 101)
            let used = stride(from: 0, to: old.count, by: 7).map { old[$0] }
            _ = try await store.missing(among: used.map(\.digest))
            let outcome = store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            #expect(!outcome.isReached && outcome.hasMadeRoom)
            #expect(Set(try await store.present(old).map(\.digest)) == Set(used.map(\.digest)))
            #expect(store.figures.blobs == used.count)
            try fixture.check(store)
        }
    }

    @Test func `the only segment goes too, and the log goes on in another`() async throws {
        let fixture = try EvictionFixture { $0.segmentSize = 8 << 20 }
        var random = SeededRandom(seed: 5)
        let blobs = try await fixture.test.using { store in
            let old = try await fixture.fill(store, bytes: 2 << 20, &random)
            fixture.clock.turn(by: 10)
            #expect(store.evict(to: EvictionGoal.Target(usedAtMost: 0)).tally.evictedBlobs == old.count)
            #expect(store.figures.blobs == 0)
            #expect(try await store.present(old).isEmpty)
            #expect(try fixture.sizeOnDisk("segments") == 0)
            try fixture.check(store)
            return old
        }
        try await fixture.test.abandoning { store in
            #expect(store.figures.blobs == 0)
            for result in await store.storeWhole(Array(blobs.prefix(20))) { try result.get() }
        }
        try await fixture.test.using { store in
            #expect(try await store.present(blobs).count == 20)
            try fixture.check(store)
        }
    }

    @Test func `who reads a blob that goes reads it to its end`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 6)
        let (small, large) = (random.blob(size: 50_000), random.blob(size: 3 << 20))
        try await fixture.test.using { store in
            for result in await store.storeWhole([small, large]) { try result.get() }
            let readers = try await [
                store.reader(of: small.digest, from: 5), store.reader(of: large.digest, from: 5),
            ]
            var received = [ByteChain(), ByteChain()]
            received[1].append(try #require(try await readers[1].next()))
            fixture.clock.turn(by: 1)
            store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            #expect(try await store.missing(among: [small.digest, large.digest]).count == 2)
            for number in [0, 1] {
                while let piece = try await readers[number].next() { received[number].append(piece) }
            }
            #expect(received[0] == small.content[5..<small.content.count])
            #expect(received[1] == large.content[5..<large.content.count])
            try fixture.check(store)
        }
    }

    @Test func `a blob that is used between the decision and its removal stays`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 7)
        try await fixture.test.using { store in
            let blobs = try await fixture.fill(store, bytes: 300_000, &random)
            fixture.clock.turn(by: 100)
            let used = [blobs[3], blobs[9], blobs[14]]
            var segment = try SegmentEviction(
                1,
                SegmentEviction.Parts(
                    catalog: store.catalog, log: store.log, dirtyFiles: store.dirty))
            let cutoff = fixture.clock.now - 1
            store.log.seal()
            #expect(try segment.plan(cutoff).keptBytes == 0)
            _ = try await store.missing(among: used.map(\.digest))
            #expect(try segment.run(cutoff, protectedAfter: .max))
            #expect(segment.tally.reappendedBlobs == used.count)
            #expect(try await store.present(used).count == used.count)
            #expect(store.figures.blobs == used.count)
        }
    }

    @Test func `an entry goes only if it was not used, and moves only from where it was`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 8)
        let blob = random.blob(size: 100)
        try await fixture.test.using { store in
            for result in await store.storeWhole([blob]) { try result.get() }
            let index = store.catalog.index
            let entry = try #require(index.find(IndexKey(of: blob.digest)))
            let elsewhere = Place(segment: 9, offset: 32)
            #expect(index.remove(entry.key, at: elsewhere, unlessUsedAfter: .max) == .leadsElsewhere)
            #expect(
                index.remove(entry.key, at: entry.place, unlessUsedAfter: entry.lastUse - 1)
                    == .usedSince(entry))
            #expect(!index.move(entry, from: entry.sequence + 1))
            _ = index.touch(entry.key, size: entry.size, at: entry.lastUse + 7)
            #expect(index.move(entry, from: entry.sequence))
            #expect(index.find(entry.key)?.lastUse == entry.lastUse + 7)
            #expect(index.remove(entry.key, at: entry.place, unlessUsedAfter: .max) == .removed)
            #expect(index.find(entry.key) == nil)
        }
    }

    @Test func `a kept blob that turns out to be damaged is dropped and counted`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 9)
        let blobs = (0..<20).map { _ in random.blob(size: 5_000) }
        try await fixture.test.using { store in
            for result in await store.storeWhole(blobs) { try result.get() }
            fixture.clock.turn(by: 10)
            let old = (0..<20).map { _ in random.blob(size: 5_000) }
            _ = try await store.missing(among: blobs.map(\.digest))
            let keys = blobs.map { IndexKey(of: $0.digest) }
            let payload = try #require(store.catalog.index.find(keys[4])).place.offset + 200
            let header = try #require(store.catalog.index.find(keys[11])).place.offset + 20
            let path = try #require(try fixture.test.directory.files(in: "store/segments").first)
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            for offset in [payload, header] {
                try handle.seek(toOffset: UInt64(offset))
                try handle.write(contentsOf: Data([0xAA, 0xBB, 0xCC]))
            }
            try handle.close()
            store.log.seal()
            for result in await store.storeWhole(old) { try result.get() }
            var segment = try SegmentEviction(
                1,
                SegmentEviction.Parts(
                    catalog: store.catalog, log: store.log, dirtyFiles: store.dirty))
            #expect(try segment.run(fixture.clock.now - 5, protectedAfter: .max))
            try store.catalog.segments.remove(1)
            #expect(store.figures.damagedEntries == 2)
            #expect(try await store.present(blobs).count == 18)
            #expect(
                try await store.missing(among: blobs.map(\.digest)) == [blobs[4].digest, blobs[11].digest])
        }
    }

    @Test func `small and large blobs keep their content and their files when appended again`() async throws {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(50) }
        var random = SeededRandom(seed: 10)
        let contents = [random.bytes(1_000), random.bytes(300_000), random.bytes(33)]
        try await fixture.test.using { store in
            var digests: [Digest] = []
            for content in contents {
                for function in ContentHasher.functions {
                    let digest = try Digest.of(content, function)
                    try await store.store(content, as: digest)
                    digests.append(digest)
                }
            }
            let objects = try fixture.test.directory.files(in: "store/objects")
            for _ in 0..<3 {
                // Half of it before, so that nobody finds the segment not worth copying.
                let rest = try await fixture.fill(store, bytes: 1 << 20, &random)
                fixture.clock.turn(by: 100)
                _ = try await store.missing(among: digests)
                let before = store.figures.reappendedBlobs
                store.log.seal()
                try await fixture.fill(store, bytes: 1, &random)
                store.evict(to: EvictionGoal.Target(usedAtMost: 0))
                #expect(store.figures.reappendedBlobs >= before + digests.count)
                #expect(try await store.present(rest).isEmpty)
                for (position, digest) in digests.enumerated() {
                    #expect(
                        try await store.content(of: digest)
                            == contents[position / ContentHasher.functions.count])
                }
                #expect(try fixture.test.directory.files(in: "store/objects") == objects)
                try fixture.check(store)
            }
        }
    }
}
