// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

/// What is left when eviction does not come to its end.
struct EvictionFaultTests {
    private static func fixture() throws -> EvictionFixture {
        try EvictionFixture { $0.eviction.minimumAge = .seconds(50) }
    }

    /// Fills a store, uses some of its blobs much later than the rest, and evicts with a fault at one call.
    ///
    /// - Returns: all blobs, those that are protected, and how many calls the eviction made.
    private static func evict(
        _ fixture: EvictionFixture, _ fault: FailingFileSystem.Fault
    ) async throws -> (all: [WholeBlob], kept: [WholeBlob], calls: Int) {
        var random = SeededRandom(seed: 1)
        var (all, kept): ([WholeBlob], [WholeBlob]) = ([], [])
        var calls = 0
        try await fixture.test.abandoning { store in
            all = try await fixture.fill(store, bytes: 1_500_000, &random)
            fixture.clock.turn(by: 60)
            kept = stride(from: 0, to: all.count, by: 3).map { all[$0] }
            #expect(kept.contains { $0.digest.size > EvictionFixture.largeBlobSize })
            _ = try await store.missing(among: kept.map(\.digest))
            fixture.system.set(fault)
            store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            calls = fixture.system.calls
            fixture.system.set(nil)
        }
        return (all, kept, calls)
    }

    private static func check(
        _ fixture: EvictionFixture, _ all: [WholeBlob], _ kept: [WholeBlob], _ note: Comment
    ) async throws {
        try await fixture.test.using { store in
            #expect(try await store.present(kept).count == kept.count, note)
            let present = try await store.present(all)
            #expect(store.figures.blobs == present.count, note)
            #expect(store.figures.damagedEntries == 0, note)
            try fixture.check(store, note)
            // What was interrupted is gone on with, and nothing is left of what may go: this look was a use.
            fixture.clock.turn(by: 60)
            _ = try await store.missing(among: kept.map(\.digest))
            store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            #expect(try await store.present(kept).count == kept.count, note)
            #expect(store.figures.blobs == kept.count, note)
            try fixture.check(store, note)
        }
    }

    private func withFaultAtEveryCall(_ fault: (Int) -> FailingFileSystem.Fault) async throws {
        var call = 0
        while true {
            let fixture = try Self.fixture()
            let (all, kept, calls) = try await Self.evict(fixture, fault(call))
            try await Self.check(fixture, all, kept, "fault at call \(call)")
            guard call < calls else { break }
            call += 1
        }
        #expect(call > 30)
    }

    @Test func `a death at any call of an eviction loses no blob that is kept`() async throws {
        try await withFaultAtEveryCall { .death($0) }
    }

    @Test func `a failure at any call of an eviction loses no blob that is kept`() async throws {
        try await withFaultAtEveryCall { .once($0, SystemError(number: 12)) }
    }

    @Test func `a full disk at any call of an eviction loses no blob that is kept`() async throws {
        try await withFaultAtEveryCall { .once($0, SystemError(number: 28)) }
    }

    @Test func `until the copies are on the disk, blobs are read where they were`() async throws {
        let fixture = try Self.fixture()
        var random = SeededRandom(seed: 2)
        var kept: [WholeBlob] = []
        try await fixture.test.using { store in
            let all = try await fixture.fill(store, bytes: 300_000, &random)
            fixture.clock.turn(by: 60)
            kept = [all[0], all[9], all[11]]
            _ = try await store.missing(among: kept.map(\.digest))
            let keys = kept.map { IndexKey(of: $0.digest) }
            let places = keys.map { store.catalog.index.find($0)?.place }
            fixture.system.failSyncs(with: .unreadable)
            let outcome = store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            #expect(!outcome.isReached && outcome.tally.segments == 0 && outcome.tally.reappendedBlobs == 0)
            #expect(keys.map { store.catalog.index.find($0)?.place } == places)
            #expect(try await store.present(kept).count == 3)
            fixture.system.failSyncs(with: nil)
        }
        try await fixture.test.using { store in
            let present = try await store.present(kept)
            #expect(present.count == 3)
            store.evict(to: EvictionGoal.Target(usedAtMost: 0))
            #expect(store.figures.blobs == 3)
        }
    }
}
