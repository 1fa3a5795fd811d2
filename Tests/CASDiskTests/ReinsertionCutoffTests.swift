// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Testing

@testable import CASDisk

struct ReinsertionCutoffTests {
    @Test func `what was used in the last nine tenths of the queue's age is kept`() {
        var policy = ReinsertionCutoff()
        #expect(policy.cutoff(now: 11_000, oldest: 1000) == 2001)
        policy.note(keptBytes: 10, evictedBytes: 10)
        policy.note(keptBytes: 0, evictedBytes: 1 << 40)
        #expect(policy.cutoff(now: 11_000, oldest: 1000) == 2001)
    }

    @Test func `while more is kept than evicted less and less is kept, and more again when it is less`() {
        var policy = ReinsertionCutoff()
        var cutoffs = [policy.cutoff(now: 1_000_000, oldest: 0)]
        for _ in 0..<32 {
            policy.note(keptBytes: 1 << 30, evictedBytes: 0)
            cutoffs.append(policy.cutoff(now: 1_000_000, oldest: 0))
        }
        #expect(zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(cutoffs.last == 1_000_001)
        for _ in 0..<32 { policy.note(keptBytes: 0, evictedBytes: 1 << 30) }
        #expect(policy.cutoff(now: 1_000_000, oldest: 0) == cutoffs[0])
    }

    @Test func `a victim that was filled within a second goes whole, and one without blobs changes nothing`()
    {
        var policy = ReinsertionCutoff()
        policy.note(keptBytes: 0, evictedBytes: 0)
        #expect(policy.cutoff(now: 7, oldest: 7) == 8)
        #expect(policy.cutoff(now: 8, oldest: 7) == 8)
        #expect(policy.cutoff(now: 9, oldest: 7) == 8)
    }

    @Test(arguments: SeededRandom.seeds(keeping: 1))
    func `no blob that was used last when the victim began is kept, whatever the clock says`(seed: UInt64) {
        print("cutoff: seed \(seed)")
        var random = SeededRandom(seed: seed)
        var policy = ReinsertionCutoff()
        for _ in 0..<10_000 {
            let now =
                UInt32.random(in: 0...(.max), using: &random) >> UInt32.random(in: 0..<32, using: &random)
            let oldest = UInt32.random(in: 0...now, using: &random)
            let cutoff = policy.cutoff(now: now, oldest: oldest)
            #expect(cutoff > oldest || now == .max)
            #expect(cutoff <= now || cutoff == now + 1)
            #expect(policy.cutoff(now: oldest, oldest: now) > oldest || oldest == .max)
            policy.note(
                keptBytes: Int.random(in: 0...1 << 40, using: &random),
                evictedBytes: Int.random(in: 0...1 << 40, using: &random))
        }
    }
}
