// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

/// What eviction decides, without a disk.
struct EvictionPolicyTests {
    private static func header(_ kind: IndexEntry.Kind, size: Int, payload: Int) throws -> RecordHeader {
        var random = SeededRandom(seed: 1)
        let digest = random.digest(size: size)
        return RecordHeader(
            kind, digest, key: IndexKey(of: digest), sequence: 1, payloadSize: payload, payloadChecksum: 0,
            lastUse: 1)
    }

    @Test func `a pass takes the segments from the oldest on, and begins again more strictly`() {
        var pass = EvictionPass(over: [3, 4])
        func next(_ segments: [UInt32], firstInUse: UInt32 = 9) -> EvictionPass.Action {
            pass.next(isReached: false, segments: segments, firstInUse: firstInUse, canSeal: true)
        }
        #expect(next([3, 4]) == .evict(from: 3))
        #expect(next([3, 4]) == .evict(from: 4))
        #expect(pass.round == .adaptive)
        #expect(next([4, 5]) == .evict(from: 4))
        #expect(pass.round == .strict)
        #expect(next([5]) == .evict(from: 5))
        #expect(next([6]) == .evict(from: 6))
        #expect(pass.round == .all)
        #expect(next([7]) == .evict(from: 7))
        #expect(next([7]) == .giveUp)
        #expect(next([]) == .giveUp)
    }

    @Test func `a pass ends when enough is free`() {
        var pass = EvictionPass(over: [3, 4])
        #expect(
            pass.next(isReached: false, segments: [3, 4], firstInUse: 9, canSeal: true) == .evict(from: 3))
        #expect(pass.next(isReached: true, segments: [4], firstInUse: 9, canSeal: true) == .finish)
    }

    @Test func `a segment that is written to is left for another, or passed over`() {
        var pass = EvictionPass(over: [3])
        #expect(pass.next(isReached: false, segments: [3], firstInUse: 3, canSeal: true) == .seal)
        #expect(pass.next(isReached: false, segments: [3], firstInUse: 4, canSeal: false) == .evict(from: 3))
        pass = EvictionPass(over: [3])
        #expect(pass.next(isReached: false, segments: [3], firstInUse: 3, canSeal: false) == .giveUp)
        pass = EvictionPass(over: [3, 4])
        #expect(pass.next(isReached: false, segments: [3, 4], firstInUse: 3, canSeal: false) == .giveUp)
    }

    @Test func `each round lets more go, but never what is protected`() {
        var pass = EvictionPass(over: [])
        let protection = EvictionPass.Protection(minimumAge: .seconds(10), now: 1000)
        var cutoffs: [UInt32] = []
        var protected: [UInt32] = []
        for round in EvictionPass.Round.allCases {
            while pass.round != round {
                _ = pass.next(isReached: false, segments: [1], firstInUse: 9, canSeal: false)
            }
            cutoffs.append(pass.cutoff(adaptive: 800, now: 1000, .none))
            protected.append(pass.cutoff(adaptive: 800, now: 1000, protection))
        }
        #expect(cutoffs == [800, 900, 1000, .max])
        #expect(protected == [800, 900, 989, 989])
    }

    @Test(arguments: [
        (Duration.zero, EvictionPass.Protection.none), (.seconds(1), .usedAfter(998)),
        (.milliseconds(1), .usedAfter(998)), (.milliseconds(1001), .usedAfter(997)),
        (.seconds(1_000), .usedAfter(0)), (.seconds(5_000), .usedAfter(0)),
    ])
    func `a last use of whole seconds protects for no less than the minimum age`(
        _ age: Duration, _ protection: EvictionPass.Protection
    ) {
        #expect(EvictionPass.Protection(minimumAge: age, now: 1000) == protection)
    }

    @Test func `what is kept of a segment, and what goes, is what its copy would free`() throws {
        let small = try Self.header(.blob, size: 5_000, payload: 5_000)
        let object = try Self.header(.object, size: 3 << 20, payload: 24)
        var plan = VictimPlan(fileSize: 20_000)
        #expect(plan.gain == 20_480 - 4_096)
        plan.keep(small)
        plan.evict(small)
        plan.keep(object)
        #expect(plan.keptRecordBytes == small.recordSize + 128)
        #expect(plan.keptBytes == small.recordSize + 128 + 3 << 20)
        #expect(plan.gain == 20_480 - 8_192)
        plan.evict(object)
        plan.removeOrphan(object)
        #expect(plan.gain == 20_480 - 8_192 + 6 << 20)
        #expect(plan.evictedBytes == plan.keptBytes)
    }

    @Test func `a segment that would be copied nearly whole is left where it is`() throws {
        let small = try Self.header(.blob, size: 100_000 - 96, payload: 100_000 - 96)
        var pass = EvictionPass(over: [])
        var plan = VictimPlan(fileSize: 32 + 10 * small.recordSize)
        for _ in 0..<10 { plan.keep(small) }
        #expect(!pass.isWorthwhile(plan))
        plan = VictimPlan(fileSize: 32 + 40 * small.recordSize)
        for _ in 0..<39 { plan.keep(small) }
        plan.evict(small)
        #expect(!pass.isWorthwhile(plan))
        while pass.round != .all {
            _ = pass.next(isReached: false, segments: [1], firstInUse: 9, canSeal: false)
        }
        #expect(pass.isWorthwhile(plan))
    }

    private static func goal(_ change: (inout EvictionLimits) -> Void = { _ in }) -> EvictionGoal {
        var limits = EvictionLimits()
        change(&limits)
        return EvictionGoal(limits, maximumSize: 100_000, segmentSize: 1_000)
    }

    @Test func `a pass begins above the high mark, and goes down to the low one`() {
        let goal = Self.goal()
        let none = EvictionGoal.Demand()
        #expect(goal.limit == 99_000 && goal.reserve == 1_000)
        #expect(goal.target(used: 95_000, free: nil, none) == nil)
        #expect(goal.target(used: 95_001, free: nil, none)?.usedAtMost == 90_000)
        // A request that found no room begins one earlier, and takes it further.
        #expect(goal.target(used: 95_000, free: nil, .init(refused: 4_000)) == nil)
        #expect(goal.target(used: 92_000, free: nil, .init(refused: 8_000))?.usedAtMost == 90_000)
        #expect(goal.target(used: 92_000, free: nil, .init(refused: 50_000))?.usedAtMost == 49_000)
        #expect(goal.target(used: 92_000, free: nil, .init(refused: 500_000))?.usedAtMost == 0)
        #expect(goal.target(used: 80_000, free: nil, .init(isDiskFull: true))?.usedAtMost == 70_000)
        #expect(!goal.hasRoomEver(for: 99_001) && goal.hasRoomEver(for: 99_000))
    }

    @Test func `a pass begins when too little is free, and goes on up to the target`() {
        let goal = Self.goal { ($0.minimumFree, $0.freeTarget) = (10_000, 14_000) }
        let none = EvictionGoal.Demand()
        #expect(goal.target(used: 5, free: 11_000, none) == nil)
        #expect(goal.target(used: 5, free: 10_999, none)?.freeAtLeast == 14_000)
        #expect(goal.target(used: 5, free: 12_000, .init(refused: 3_000))?.freeAtLeast == 14_000)
        #expect(goal.target(used: 5, free: 12_000, .init(refused: 9_000))?.freeAtLeast == 19_000)
        #expect(Self.goal { $0.minimumFree = 10_000 }.target(used: 5, free: 5, none)?.freeAtLeast == 11_000)
        let target = EvictionGoal.Target(usedAtMost: 10, freeAtLeast: 20)
        #expect(target.isReached(used: 10, free: 20) && target.isReached(used: 10, free: nil))
        #expect(!target.isReached(used: 11, free: 20) && !target.isReached(used: 10, free: 19))
    }
}
