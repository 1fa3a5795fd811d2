// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// Runs eviction beside the requests, and lets those that found no room wait for it.
final class RoomMaker: Sendable {
    private struct Waiter {
        let demand: EvictionGoal.Demand
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var waiters: [Waiter] = []
        var lastResort: (@Sendable () -> Int)?
        var thread: BackgroundThread?
        var isStopped = false
    }

    /// How often a request tries again on a disk that stays full whatever was evicted: others may be filling
    /// it as fast, and the store should not be emptied for them.
    private static let triesOnFullDisk = 4

    private let evictor: Evictor
    private let afterPass: @Sendable (Evictor.Outcome) -> Void
    private let state = Mutex(State())

    /// - Parameter afterPass: what is to be done after a pass that evicted something, on its thread.
    init(_ evictor: Evictor, afterPass: @escaping @Sendable (Evictor.Outcome) -> Void) {
        self.evictor = evictor
        self.afterPass = afterPass
    }

    /// Lets `body` free something when no blob may go; it returns how many bytes it freed.
    func whenNothingMayGo(_ body: @escaping @Sendable () -> Int) {
        state.withLock { $0.lastResort = body }
    }

    /// Lets a thread run the passes; without, whoever needs room runs one.
    func start() {
        let interval = evictor.goal.minimumFree == nil ? nil : EvictionLimits.freeSpaceInterval
        let thread = BackgroundThread("eviction", every: interval) { [self] in _ = run() }
        state.withLock { $0.thread = thread }
    }

    /// Ends the thread; who waits for room is told that there is none.
    func stop() {
        evictor.stop()
        let (thread, waiters) = state.withLock { state in
            defer { (state.thread, state.waiters, state.isStopped) = (nil, [], true) }
            return (state.thread, state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: false) }
        thread?.stop()
    }

    /// Lets a pass run soon, if there is reason for one.
    func wake() {
        state.withLock { $0.thread }?.wake()
    }

    /// Runs a pass until `target` is reached, or if there is reason for one; then for all who wait.
    func run(to target: EvictionGoal.Target? = nil) -> Evictor.Outcome {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        let outcome = run(
            EvictionGoal.Demand(
                refused: waiters.map(\.demand.refused).max() ?? 0,
                isDiskFull: waiters.contains { $0.demand.isDiskFull }), to: target)
        for waiter in waiters { waiter.continuation.resume(returning: outcome.hasMadeRoom) }
        return outcome
    }

    private func run(
        _ demand: EvictionGoal.Demand, to target: EvictionGoal.Target? = nil
    ) -> Evictor.Outcome {
        var outcome = target.map { evictor.run(to: $0) } ?? evictor.run(demand)
        if !outcome.hasMadeRoom, let lastResort = state.withLock({ $0.lastResort }) {
            outcome.freedBytes += lastResort()
        }
        if outcome.tally.segments > 0 { afterPass(outcome) }
        return outcome
    }

    /// Whether a blob of `size` bytes could ever be stored.
    func hasRoomEver(for size: Int) -> Bool { evictor.goal.hasRoomEver(for: size) }

    /// What `step` returns; when it finds no room, it is run again after some was made.
    ///
    /// - Parameter size: how large the blob is; for one that could never fit, nothing is evicted.
    /// - Throws: ``StoreError/Code/noSpace`` when nothing may be evicted, and what else `step` throws.
    func retrying<Result>(
        for size: Int, _ step: () throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        var tries = 0
        while true {
            do throws(StoreError) {
                return try step()
            } catch {
                tries += 1
                guard await makeRoom(for: size, after: error, tries: tries) else { throw error }
            }
        }
    }

    /// The same for a step that suspends.
    func retrying<Result>(
        _ step: () async throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        var tries = 0
        while true {
            do throws(StoreError) {
                return try await step()
            } catch {
                tries += 1
                guard await makeRoom(for: 0, after: error, tries: tries) else { throw error }
            }
        }
    }

    /// Whether it is worth trying again what failed for the `tries`th time with `error`; returns when there may
    /// be room.
    func makeRoom(for size: Int, after error: StoreError, tries: Int) async -> Bool {
        guard error.code == .noSpace, hasRoomEver(for: size) else { return false }
        let shortage = error.cause as? SpaceShortage
        guard shortage != nil || tries < Self.triesOnFullDisk else { return false }
        return await makeRoom(
            EvictionGoal.Demand(refused: shortage?.bytes ?? 0, isDiskFull: shortage == nil))
    }

    private func makeRoom(_ demand: EvictionGoal.Demand) async -> Bool {
        guard let thread = state.withLock({ $0.thread }) else {
            return state.withLock { !$0.isStopped } && run(demand).hasMadeRoom
        }
        return await withCheckedContinuation { continuation in
            let isWaiting = state.withLock { state in
                guard !state.isStopped else { return false }
                state.waiters.append(Waiter(demand: demand, continuation: continuation))
                return true
            }
            guard isWaiting else { return continuation.resume(returning: false) }
            thread.wake()
        }
    }
}
