// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// The check of a running store, driven step by step.
struct ScrubTests {
    private static func store(seed: UInt64) async throws -> CheckedStore {
        try await CheckedStore(seed: seed) { $0.scrubBytesPerSecond = 1 << 20 }.withoutThreads()
    }

    /// Steps until the round is over; returns how many steps that took.
    @discardableResult
    private static func round(_ scrub: Scrub) -> Int {
        var steps = 1
        while scrub.step() != nil { steps += 1 }
        return steps
    }

    @Test func `a round reads everything that is live, a mebibyte at a time, and starts again`() async throws
    {
        let store = try await Self.store(seed: 21)
        try await store.test.using { open in
            let scrub = try #require(open.scrub)
            #expect(Self.round(scrub) >= 4)
            let first = try #require(open.scrubFigures)
            #expect(first.rounds == 1 && first.damagedBlobs == 0 && first.lastRoundEnded != nil)
            #expect(first.bytesVerified > 3 << 20 + 75_000)
            Self.round(scrub)
            let second = try #require(open.scrubFigures)
            #expect(second.rounds == 2 && second.bytesVerified == 2 * first.bytesVerified)
        }
        #expect(store.test.log.lines.isEmpty)
    }

    @Test func `damage of any kind is dropped, counted and logged, and the blob can be stored again`()
        async throws
    {
        let store = try await Self.store(seed: 22)
        let (payload, header) = (store.small[2], store.small[1])
        let places = try await [payload, header].asyncMap { try await store.entry(of: $0).place }
        try CheckedStore.flip(store.segment(1), at: places[0].offset + 200)
        try CheckedStore.flip(store.segment(1), at: places[1].offset + 20)
        try CheckedStore.flip(try await store.object(of: store.large[1]), at: 2 << 20)
        try FileManager.default.removeItem(atPath: try await store.object(of: store.large[0]))
        let lost = [payload, header] + store.large
        try await store.test.using { open in
            let scrub = try #require(open.scrub)
            Self.round(scrub)
            #expect(open.scrubFigures?.damagedBlobs == 4 && open.figures.damagedEntries == 4)
            for blob in lost { #expect(try await !open.has(blob.digest)) }
            for blob in lost { try await open.store(blob.content.joined(), as: blob.digest) }
            Self.round(scrub)
            #expect(open.scrubFigures?.damagedBlobs == 4)
            for blob in lost { #expect(try await open.content(of: blob.digest) == blob.content.joined()) }
        }
        #expect(store.test.log.lines.filter { $0.contains("is damaged and was dropped") }.count == 4)
    }

    @Test func `a segment and a large blob that are evicted under the scrub are no damage`() async throws {
        let store = try await Self.store(seed: 23)
        try await store.test.using { open in
            let scrub = try #require(open.scrub)
            var step = 0
            // Between any two steps, one more is gone when the scrub comes to it.
            for blob in store.large + [store.small[0]] {
                _ = scrub.step()
                let entry = try #require(open.catalog.index.entry(of: IndexKey(of: blob.digest)))
                #expect(open.catalog.index.remove(entry.key, sequence: entry.sequence))
                if entry.kind == .object {
                    try open.catalog.objects.remove(
                        ObjectName(key: entry.key, storedSize: entry.size, sequence: entry.sequence))
                }
                step += 1
            }
            for blob in store.small.dropFirst() {
                let entry = try #require(open.catalog.index.entry(of: IndexKey(of: blob.digest)))
                #expect(open.catalog.index.remove(entry.key, sequence: entry.sequence))
            }
            try open.catalog.segments.remove(1)
            Self.round(scrub)
            Self.round(scrub)
            #expect(open.scrubFigures?.damagedBlobs == 0)
        }
        #expect(store.test.log.lines.isEmpty)
    }

    @Test func `records that are written during a round are not taken for damage`() async throws {
        let store = try await Self.store(seed: 24)
        var random = SeededRandom(seed: 25)
        try await store.test.using { open in
            let scrub = try #require(open.scrub)
            for _ in 0..<40 {
                let blob = random.blob(size: Int.random(in: 1...200_000, using: &random))
                try await open.store(blob.content.joined(), as: blob.digest)
                _ = scrub.step()
            }
            Self.round(scrub)
            #expect(open.scrubFigures?.damagedBlobs == 0)
        }
    }

    @Test func `the thread goes through the store by itself, and ends with it`() async throws {
        let store = try await CheckedStore(seed: 26)
        var test = store.test
        test.configuration.scrubBytesPerSecond = 1 << 30
        try await test.using { open in
            let deadline = ContinuousClock.now + .seconds(60)
            while open.scrubFigures?.rounds == 0, .now < deadline { await Task.yield() }
            #expect(open.scrubFigures.map { $0.rounds > 0 && $0.damagedBlobs == 0 } == true)
        }
        #expect(throws: StoreError.self) {
            test.configuration.scrubBytesPerSecond = 0
            _ = try test.open()
        }
    }
}
