// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import CASTesting
import Logging

@testable import CASDisk

/// A store's life under faults, from a seed: steps, crashes and restarts, with every answer held against what the
/// store promised.
///
/// The same seed makes the same history, call by call, as long as the store makes the same calls.
final class StoreHistory {
    let plan: HistoryPlan
    let disk: SimulatedDisk
    var random: SeededRandom
    var blobs = ExpectedBlobs()
    var references: [ReferenceKey: ExpectedValue<Digest>] = [:]
    var results: [ActionKey: ExpectedValue<[UInt8]>] = [:]
    var unfinished: [UnfinishedUpload] = []
    var lastUpload = 0

    /// What the disk had done when the process that runs opened the store.
    var countsAtOpening = DiskCounts()

    var notedSyncFailures = 0
    var notedLosses = 0

    /// Whether a sync failed while the store was opened, or what had to be read could not be.
    var wasOpenedInDoubt = false

    /// Whether stored bits turned since the history began.
    var isRotten = false

    /// What happened, for who looks into a failure.
    let trace = HistoryTrace()

    private let records: RecordsFolder
    private let logger: Logger
    private var opened: DiskStore?
    private var time: UInt32 = 1_000_000

    init(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        plan = HistoryPlan(&random)
        disk = SimulatedDisk(seed: random.next(), names: plan.names)
        self.random = random
        records = try RecordsFolder()
        let trace = trace
        logger = Logger(label: "history") { _ in trace }
    }

    /// The store that is open.
    var store: DiskStore {
        guard let opened else { preconditionFailure("a store is open between restarts") }
        return opened
    }

    func note(_ text: String) {
        trace.note(text)
    }

    /// Lives the history to its end.
    func run() async throws {
        note("\(plan)")
        try await ready(after: .death)
        for _ in 0..<plan.steps {
            if happens(plan.crashes) { disk.crash(after: Int.random(in: 0..<40, using: &random)) }
            try await step()
            if disk.isDead { try await restart(after: drawEnding()) }
        }
        try await settle()
    }

    /// Makes everything right again: without faults, the store takes what it lost and keeps all of it.
    private func settle() async throws {
        try await restart(after: drawEnding(), weather: .calm)
        try await storeAllAgain()
        try await restart(after: nil, weather: .calm)
        try await restart(after: drawEnding(), weather: .calm)
        opened?.close()
        opened = nil
    }

    func happens(_ share: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < share
    }

    /// How the next process that does not close the store will end.
    func drawEnding() -> SimulatedDisk.Ending {
        plan.kind == .powerLosses && happens(0.7) ? .powerLoss : .death
    }

    // MARK: Restarts

    /// Ends the process, or lets it close the store when `ending` is nil, and opens the store again.
    func restart(after ending: SimulatedDisk.Ending?, weather: Weather? = nil) async throws {
        if !disk.isDead { try checkBooks() }
        note("restart after \(ending.map { "\($0)" } ?? "a close")")
        if ending == nil { close() }
        noteSyncFailures()
        try noteEvictions()
        (opened, unfinished) = (nil, unfinished.map(\.forgotten))
        end(by: ending ?? .death)
        try await ready(after: ending ?? .death, weather: weather)
    }

    private func close() {
        let before = disk.counts
        store.close()
        guard !disk.isDead, isTrusted, disk.counts.failures == before.failures else { return }
        blobs.promise(blobs.certain)
    }

    private func end(by ending: SimulatedDisk.Ending) {
        disk.end(by: ending)
        blobs.endDoubt()
        switch ending {
        case .death: break
        case .powerLoss: blobs.losePower()
        }
    }

    /// Opens the store, maybe after processes that die while they do, and checks everything.
    private func ready(after ending: SimulatedDisk.Ending, weather: Weather? = nil) async throws {
        var ending = ending
        let weather = weather ?? plan.weather
        disk.set(weather)
        disk.set(capacity: plan.capacity)
        while happens(0.2) { ending = openAndDie() }
        let before = disk.counts
        try open()
        noteSyncFailures()
        // What a recovery cannot read is lost.
        let isUnread = disk.counts.readFailures > before.readFailures
        if isUnread { blobs.excuseAll() }
        wasOpenedInDoubt = isUnread || disk.counts.syncFailures > before.syncFailures
        notedLosses = 0
        try await checkAll(isOnDisk: ending == .powerLoss)
        disk.set(weather)
    }

    private func openAndDie() -> SimulatedDisk.Ending {
        let ending = drawEnding()
        let calls = Int.random(in: 0..<80, using: &random)
        note("an opening ends at call \(calls) with \(ending)")
        disk.crash(after: calls)
        // What it says before it dies does not matter; what it did must not.
        _ = try? makeStore()
        end(by: ending)
        return ending
    }

    /// Opens the store; a disk that fails may keep it from that, one that does not must not.
    private func open() throws {
        do {
            opened = try makeStore()
        } catch {
            note("an opening fails: \(error)")
            disk.end(by: .death)
            disk.set(.calm)
            disk.set(capacity: .max / 2)
            do {
                opened = try makeStore()
            } catch {
                throw Violation("the store cannot be opened: \(error)")
            }
        }
        countsAtOpening = disk.counts
        note("open, with \(store.figures.blobs) blobs")
    }

    private func makeStore() throws(StoreError) -> DiskStore {
        time += 100
        let now = time
        return try DiskStore(
            plan.configuration, logger: logger,
            environment: StoreEnvironment(
                system: disk.process(), wallClock: WallClock { now }, records: records.path,
                hasThreads: false))
    }
}

extension DiskCounts {
    /// How many calls failed that a healthy disk with space would have done.
    var failures: Int { readFailures + writeFailures + syncFailures + metadataFailures + noSpace }
}
