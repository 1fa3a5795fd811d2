// SPDX-License-Identifier: Apache-2.0

import CASStore
import Logging
import Synchronization

/// Runs passes of eviction, one at a time: ``EvictionPass`` decides, this acts.
final class Evictor: Sendable {
    /// What a pass came to.
    struct Outcome: Sendable, Equatable {
        var tally = EvictionTally()

        /// How many bytes fewer are in use than before; others may have taken some meanwhile.
        var freedBytes = 0

        /// The latest last use up to which blobs went.
        var cutoff: UInt32 = 0

        /// What was last used before this time is gone, but for little.
        var goneBefore: UInt32 = 0

        /// Whether enough is free now.
        var isReached = false

        /// Whether who found no room may find some now.
        var hasMadeRoom: Bool { isReached || freedBytes > 0 || tally.segments > 0 }
    }

    let goal: EvictionGoal

    private let minimumAge: Duration
    private let parts: SegmentEviction.Parts
    private let space: SpaceLedger
    private let freeSpace: @Sendable () -> Int?
    private let logger: Logger
    private let sums = Mutex(EvictionTally())
    private let isStopped = Atomic(false)

    /// Held for a pass; what it learns of the age of the queue is for the next.
    private let cutoff = Mutex(ReinsertionCutoff())

    init(
        _ configuration: DiskStoreConfiguration, _ parts: SegmentEviction.Parts, space: SpaceLedger,
        freeSpace: @escaping @Sendable () -> Int?, logger: Logger
    ) {
        goal = configuration.evictionGoal
        minimumAge = configuration.eviction.minimumAge
        (self.parts, self.space, self.freeSpace, self.logger) = (parts, space, freeSpace, logger)
    }

    /// How many segments there are, and how long ago the oldest was begun.
    var queue: (segments: Int, oldestAge: Duration) {
        let segments = parts.catalog.segments
        // Figures are no reason to fail: what cannot be looked at just now is told next time.
        let count = (try? segments.numbers().count) ?? 0
        let now = parts.catalog.clock.now()
        return (count, .seconds(now - min(now, oldestBegun ?? now)))
    }

    /// When the oldest segment was begun.
    private var oldestBegun: UInt32? {
        guard let oldest = try? parts.catalog.segments.numbers().first else { return nil }
        return try? SegmentEviction(oldest, parts).begunAt
    }

    /// What was done since the opening.
    var tally: EvictionTally { sums.withLock { $0 } }

    /// Ends the pass that is under way with its segment, and every later one.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Runs a pass if there is reason for one.
    func run(_ demand: EvictionGoal.Demand = EvictionGoal.Demand()) -> Outcome {
        cutoff.withLock { cutoff in
            guard let target = goal.target(used: space.total, free: freeSpace(), demand) else {
                return Outcome(isReached: true)
            }
            return run(to: target, &cutoff)
        }
    }

    /// Runs a pass until `target` is reached or nothing more may go.
    func run(to target: EvictionGoal.Target) -> Outcome {
        cutoff.withLock { run(to: target, &$0) }
    }

    private func run(to target: EvictionGoal.Target, _ cutoff: inout ReinsertionCutoff) -> Outcome {
        let start = ContinuousClock.now
        let used = space.total
        var outcome = Outcome()
        do throws(StoreError) {
            try evict(to: target, &cutoff, &outcome)
        } catch {
            logger.error("Eviction failed; what was to go stays.", metadata: ["error": "\(error)"])
        }
        outcome.freedBytes = used - space.total
        outcome.goneBefore = min(outcome.cutoff, oldestBegun ?? outcome.cutoff)
        sums.withLock { $0 += outcome.tally }
        log(outcome, took: start.duration(to: .now))
        return outcome
    }

    private func evict(
        to target: EvictionGoal.Target, _ cutoff: inout ReinsertionCutoff, _ outcome: inout Outcome
    ) throws(StoreError) {
        let segments = parts.catalog.segments
        var pass = EvictionPass(over: try segments.numbers())
        while !isStopped.load(ordering: .relaxed) {
            let inUse = parts.log.inUse
            let action = pass.next(
                isReached: target.isReached(used: space.total, free: freeSpace()),
                segments: try segments.numbers(), firstInUse: inUse.first, canSeal: inUse.canSeal)
            switch action {
            case .evict(from: let number): try evict(from: number, in: pass, &cutoff, &outcome)
            case .seal: parts.log.seal()
            case .finish: return outcome.isReached = true
            case .giveUp: return
            }
        }
    }

    private func evict(
        from number: UInt32, in pass: EvictionPass, _ cutoff: inout ReinsertionCutoff,
        _ outcome: inout Outcome
    ) throws(StoreError) {
        var segment = try SegmentEviction(number, parts)
        let now = parts.catalog.clock.now()
        let protection = EvictionPass.Protection(minimumAge: minimumAge, now: now)
        let latest = pass.cutoff(
            adaptive: cutoff.cutoff(now: now, oldest: segment.begunAt) &- 1, now: now, protection)
        let plan = try segment.plan(latest)
        if pass.round == .adaptive { cutoff.note(keptBytes: plan.keptBytes, evictedBytes: plan.evictedBytes) }
        guard pass.isWorthwhile(plan) else { return }
        defer { outcome.tally += segment.tally }
        guard try segment.run(latest, protectedAfter: EvictionPass.bound(.max, by: protection)) else {
            return
        }
        try remove(number, occupying: SpaceLedger.blocks(segment.fileSize))
        outcome.tally.segments += 1
        outcome.cutoff = max(outcome.cutoff, latest)
    }

    /// Removes the file of a segment in which nothing is needed any more.
    private func remove(_ number: UInt32, occupying bytes: Int) throws(StoreError) {
        let segments = parts.catalog.segments
        try segments.remove(number)
        parts.dirtyFiles.note(directory: segments.files.segments)
        space.give(bytes, from: .segments)
    }

    private func log(_ outcome: Outcome, took time: Duration) {
        guard outcome.tally.segments > 0 || outcome.tally.evictedBlobs > 0 else { return }
        logger.info(
            "Blobs that were not used lately were evicted.",
            metadata: [
                "segments": "\(outcome.tally.segments)", "blobs": "\(outcome.tally.evictedBlobs)",
                "bytes": "\(outcome.tally.evictedBytes)", "kept blobs": "\(outcome.tally.reappendedBlobs)",
                "kept bytes": "\(outcome.tally.reappendedBytes)", "freed": "\(outcome.freedBytes)",
                "took": "\(time)", "cutoff": "\(outcome.cutoff)",
            ])
    }
}
