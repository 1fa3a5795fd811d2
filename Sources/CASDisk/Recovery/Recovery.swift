// SPDX-License-Identifier: Apache-2.0

import CASStore
import Logging

/// Finds out, at an opening, where the log goes on, and what of it the index does not know (DESIGN.md §5).
///
/// After a close there is nothing to do. After the death of the process the index is as it was, so only the
/// records between the settled place and the tail are looked at. After a loss of power the index is what the last
/// checkpoint named, with pages of any time since: entries of later records and of segments that are gone are
/// dropped, and the records since are read again. Without a checkpoint, all records are.
struct Recovery {
    /// Where the log goes on.
    struct Result {
        var log: LogState
        var file: File?
    }

    let state: StoreState
    let checkpoint: Checkpoint?
    let catalog: BlobCatalog
    let space: SpaceLedger
    let logger: Logger

    /// Brings the index up to the log, and the files to what the index names.
    func run() throws(StoreError) -> Result {
        let numbers = try catalog.segments.numbers()
        try countSpace(of: numbers)
        switch state.ending {
        case .clean:
            catalog.objects.recallCount()
            return try goOn(numbers)
        case .killed:
            let place = state[.settledSegment, .settledOffset]
            let tail = Place(segment: UInt32(truncatingIfNeeded: state[.segment]), offset: Int(state[.tail]))
            try recover("the process was killed") { (outcome) throws(StoreError) in
                let replay = Replay(catalog: catalog, space: space, care: .processDied)
                try replay.run(numbers, from: place, to: tail, &outcome)
            }
            return try goOn(numbers)
        case .powerLost, .unknown:
            guard state.ending == .powerLost || !numbers.isEmpty else {
                _ = try ObjectSweep(catalog: catalog).run()
                return beginAnew(numbers, after: 0)
            }
            let reason = state.ending == .powerLost ? "the machine stopped" : "its index is not whole"
            let outcome = try recover(reason) { (outcome) throws(StoreError) in
                dropUntrusted(numbers, &outcome)
                let replay = Replay(catalog: catalog, space: space, care: .machineStopped)
                let start = checkpoint?.place ?? Place(segment: 0, offset: 0)
                try replay.run(numbers, from: start, to: nil, &outcome)
            }
            return beginAnew(numbers, after: outcome.highestSequence)
        }
    }

    @discardableResult
    private func recover(
        _ reason: String, _ body: (inout RecoveryOutcome) throws(StoreError) -> Void
    ) throws(StoreError) -> RecoveryOutcome {
        let clock = ContinuousClock()
        let start = clock.now
        var outcome = RecoveryOutcome()
        try body(&outcome)
        let sweep = ObjectSweep(catalog: catalog)
        let swept = state.ending == .killed ? try sweep.removeUnnamed() : try sweep.run()
        outcome.dropped += swept.entriesDropped
        outcome.filesRemoved += swept.filesRemoved
        outcome.log(reason, took: start.duration(to: clock.now), to: logger)
        return outcome
    }

    private func dropUntrusted(_ numbers: [UInt32], _ outcome: inout RecoveryOutcome) {
        let segments = Set(numbers)
        let sequence = checkpoint?.sequence ?? 0
        let before = catalog.index.count
        catalog.index.sweep { $0.sequence < sequence && segments.contains($0.place.segment) }
        outcome.dropped += before - catalog.index.count
    }

    private func countSpace(of numbers: [UInt32]) throws(StoreError) {
        for number in numbers {
            do {
                let size = try catalog.segments.files.system.size(of: catalog.segments.path(number))
                space.note(SpaceLedger.blocks(size), for: .segments)
            } catch {
                throw .system(error, doing: "look at segment \(number)")
            }
        }
    }

    /// The log at the tail that the state names.
    private func goOn(_ numbers: [UInt32]) throws(StoreError) -> Result {
        let current = UInt32(truncatingIfNeeded: state[.segment])
        let tail = Int(state[.tail])
        guard current != 0, numbers.last == current else { return beginAnew(numbers, after: 0) }
        let file = try catalog.segments.files.open(catalog.segments.path(current), .readAndWrite)
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        // A tail of 0 is of a log that began anew and had no record yet: the segment is not its own.
        guard (SegmentHeader.byteCount...max(SegmentHeader.byteCount, size)).contains(tail) else {
            return beginAnew(numbers, after: 0)
        }
        let log = LogState(
            segment: current, tail: tail, allocated: size, bytesStoodFor: Int(state[.bytesStoodFor]),
            nextSequence: max(1, state[.nextSequence]))
        return Result(log: log, file: file)
    }

    /// A log that leaves all segments as they are and begins the next with its first record.
    private func beginAnew(_ numbers: [UInt32], after sequence: UInt64) -> Result {
        let last = max(numbers.last ?? 0, UInt32(truncatingIfNeeded: state[.segment]))
        let next = max(sequence, state[.nextSequence], checkpoint?.sequence ?? 0) + 1
        return Result(log: LogState(afterSegment: last, nextSequence: next), file: nil)
    }
}
