// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// The hit rate of the store's eviction, simulated, beside what others would have (DESIGN.md §5).
///
/// `CASEMATE_HIT_RATE_TABLE=1` prints a table of longer traces.
struct HitRateTests {
    /// By how many points the hit rate may be below that of exact LRU.
    private static let margin = 2.0

    /// How many bytes may be written again for each one that is written anew.
    private static let mostRewritten = 1.05

    /// The sizes of the cache as shares of the footprint.
    private static let shares = [0.01, 0.05, 0.2]

    private static func traces(uses: Int, buildUses: Int, seed: UInt64) -> [Trace] {
        [
            .zipf(0.6, uses: uses, seed: seed), .zipf(0.8, uses: uses, seed: seed),
            .zipf(1.0, uses: uses, seed: seed), .zipfWithScans(0.8, uses: uses, seed: seed),
            .drift(uses: uses, seed: seed), BuildHistory.trace(uses: buildUses, seed: seed),
        ]
    }

    @Test(arguments: SeededRandom.seeds(keeping: 1))
    func `the hit rate is at most 2 points below that of exact LRU, and little is written again`(seed: UInt64)
    {
        print("hit rate: seed \(seed)")
        // Of fewer builds a single blob of tens of mebibytes would decide.
        for trace in Self.traces(uses: 40_000, buildUses: 200_000, seed: seed) {
            for share in Self.shares {
                let capacity = Int(Double(trace.footprint) * share)
                let exact = HitRate.of(trace, in: LeastRecentlyUsed.self, capacity: capacity).rate
                let (ours, cache) = HitRate.of(trace, in: SegmentedQueue.self, capacity: capacity)
                let place: Comment =
                    "\(trace.name), \(share): \(ours), LRU \(exact), \(cache.rewrittenPerWritten)"
                #expect(ours.objects >= exact.objects - Self.margin, place)
                #expect(ours.bytes >= exact.bytes - Self.margin, place)
                #expect(cache.rewrittenPerWritten <= Self.mostRewritten, place)
            }
        }
    }

    /// When the whole queue goes by in a few seconds, ages say little; then it is FIFO at worst.
    @Test(arguments: SeededRandom.seeds(keeping: 1), [100, 1000, 10_000])
    func `what happens within seconds is evicted no worse than by FIFO, and little is written again`(
        seed: UInt64, factor: UInt32
    ) {
        print("hit rate within seconds: seed \(seed)")
        for trace in [Trace.zipf(0.8, uses: 40_000, seed: seed), .drift(uses: 40_000, seed: seed)] {
            let trace = trace.hastened(by: factor)
            let capacity = trace.footprint / 20
            let queue = HitRate.of(trace, in: FirstInFirstOut.self, capacity: capacity).rate
            let (ours, cache) = HitRate.of(trace, in: SegmentedQueue.self, capacity: capacity)
            let place: Comment = "\(trace.name): \(ours), FIFO \(queue), \(cache.rewrittenPerWritten)"
            #expect(ours.objects >= queue.objects - 1, place)
            #expect(cache.rewrittenPerWritten <= Self.mostRewritten, place)
        }
    }

    @Test func `after a use of everything at once less than a third is written again to make room`() {
        var trace = Trace("A use of everything")
        let blobs = (0..<6400).map { _ in trace.addBlob(size: 4096) }
        for blob in blobs { trace.use(blob, at: UInt32(1000 + blob)) }
        for blob in blobs { trace.use(blob, at: 1_000_000) }
        for number in 0..<640 { trace.use(trace.addBlob(size: 4096), at: UInt32(1_000_001 + number)) }
        let capacity = blobs.count * 4096
        let (rate, cache) = HitRate.of(trace, in: SegmentedQueue.self, capacity: capacity)
        #expect(rate.objects > 47 && rate.objects < 48)
        #expect(cache.rewritten < capacity / 3)
    }

    /// The string of Silberschatz, Galvin and Gagne, Operating System Concepts: in three frames 15 faults with FIFO and
    /// 12 with LRU. The optimum is that of all ways to go, found by trying them; the book's, which must take in
    /// every page, has one more.
    @Test func `the policies that it is compared with do what the textbook says`() {
        var trace = Trace("Textbook")
        for _ in 0..<8 { _ = trace.addBlob(size: 1) }
        for page in [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1] { trace.use(page, at: 0) }
        func faults<Cache: SimulatedCache>(_ cache: Cache.Type) -> Double {
            20 - HitRate.of(trace, in: cache, capacity: 3).rate.objects / 5
        }
        #expect(faults(FirstInFirstOut.self) == 15)
        #expect(faults(LeastRecentlyUsed.self) == 12)
        #expect(faults(OfflineOptimum.self) == 8)
        #expect(faults(SecondChance.self) == 11)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["CASEMATE_HIT_RATE_TABLE"] == "1"))
    func `the table of hit rates`() {
        let (uses, seed) = (500_000, UInt64(1))
        var table = HitRateTable()
        for trace in Self.traces(uses: uses, buildUses: uses, seed: seed) {
            for share in Self.shares { table.add(trace, share: share) }
        }
        print("\(uses) uses, seed \(seed)\n\n" + table.lines.joined(separator: "\n"))
    }
}
