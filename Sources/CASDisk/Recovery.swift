// SPDX-License-Identifier: Apache-2.0

import CASStore
import Logging

/// Finds out, at an opening, where the log goes on, and what of it the index does not know.
///
/// After a close there is nothing to do. After the death of the process the index is as it was, so only the
/// records between the settled place and the tail are looked at. After a loss of power, or without a state,
/// every record since the last checkpoint is; **what is still missing there** is to distrust index pages that
/// were written after the checkpoint (``IndexSlot`` has a check and a sequence number for it), to take the
/// checkpoints, and to remove objects that no record names.
struct Recovery {
    /// Where the log goes on.
    struct Outcome {
        var log: LogState
        var file: File?
    }

    let state: StoreState
    let segments: SegmentFiles
    let index: Index
    let objects: ObjectFiles
    let space: SpaceLedger
    let logger: Logger

    /// Brings the index up to the log.
    func run() throws(StoreError) -> Outcome {
        let numbers = try segments.numbers()
        try countSpace(of: numbers)
        switch state.ending {
        case .clean:
            return try goOn(numbers)
        case .killed:
            try replay(
                numbers, from: state[.settledSegment, .settledOffset], ending: "the process was killed")
            return try goOn(numbers)
        case .powerLost:
            let place = state[.checkpointSegment, .checkpointOffset]
            return beginAnew(numbers, after: try replay(numbers, from: place, ending: "the machine stopped"))
        case .unknown:
            let isNew = numbers.isEmpty
            let found =
                isNew
                ? 0
                : try replay(numbers, from: Place(segment: 0, offset: 0), ending: "its index is not whole")
            return beginAnew(numbers, after: found)
        }
    }

    private func countSpace(of numbers: [UInt32]) throws(StoreError) {
        for number in numbers {
            do {
                let size = try segments.files.system.size(of: segments.path(number))
                space.note(SpaceLedger.blocks(size), for: .segments)
            } catch {
                throw .system(error, doing: "look at segment \(number)")
            }
        }
    }

    /// The log at the tail that the state names.
    private func goOn(_ numbers: [UInt32]) throws(StoreError) -> Outcome {
        let current = UInt32(truncatingIfNeeded: state[.segment])
        let tail = Int(state[.tail])
        guard current != 0, numbers.last == current else { return beginAnew(numbers, after: 0) }
        let file = try segments.files.open(segments.path(current), .readAndWrite)
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        guard tail <= size else { return beginAnew(numbers, after: 0) }
        let log = LogState(
            segment: current, tail: tail, allocated: size, bytesStoodFor: Int(state[.bytesStoodFor]),
            nextSequence: max(1, state[.nextSequence]))
        return Outcome(log: log, file: file)
    }

    /// A log that leaves all segments as they are and begins the next with its first record.
    private func beginAnew(_ numbers: [UInt32], after sequence: UInt64) -> Outcome {
        let last = max(numbers.last ?? 0, UInt32(truncatingIfNeeded: state[.segment]))
        let next = max(sequence, state[.nextSequence]) + 1
        return Outcome(log: LogState(afterSegment: last, nextSequence: next), file: nil)
    }

    /// Puts the whole records from `place` on into the index; returns the highest sequence number among them.
    @discardableResult
    private func replay(_ numbers: [UInt32], from place: Place, ending: String) throws(StoreError) -> UInt64 {
        let clock = ContinuousClock()
        let start = clock.now
        var highest: UInt64 = 0
        var records = 0
        var added = 0
        var skipped = 0
        for number in numbers where number >= place.segment {
            let file = try segments.files.open(segments.path(number), .read)
            let range = try range(of: number, in: file, from: place)
            let scan = SegmentScan(segment: number, identity: segments.identity, file: file)
            let outcome = try scan.forEach(in: range) { (header, place) throws(StoreError) in
                highest = max(highest, header.sequence)
                guard isComplete(header) else { return }
                if try index.insertOverOlder(header.entry(at: place)) { added += 1 }
            }
            records += outcome.records
            skipped += outcome.skippedBytes
        }
        logger.notice(
            "The store was not closed cleanly: \(ending). The index was brought up to the log.",
            metadata: [
                "records": "\(records)", "added": "\(added)", "bytes without a record": "\(skipped)",
                "took": "\(start.duration(to: clock.now))",
            ])
        return highest
    }

    private func range(of number: UInt32, in file: File, from place: Place) throws(StoreError) -> Range<Int> {
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        let isTailKnown = state.ending == .killed && state[.segment] == UInt64(number)
        let end = isTailKnown ? min(Int(state[.tail]), size) : size
        let start = number == place.segment ? min(place.offset, end) : 0
        return start..<end
    }

    /// Whether what the record names is there: the file of an object gets its name after the record is
    /// written.
    private func isComplete(_ header: RecordHeader) -> Bool {
        switch header.kind {
        case .blob: true
        case .object: objects.contains(header.objectName)
        }
    }
}
