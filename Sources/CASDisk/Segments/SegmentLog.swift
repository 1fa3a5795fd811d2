// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// The log of everything: appends records to the current segment, and begins the next one when it is full.
final class SegmentLog: Sendable {
    /// How much is allocated at once at most; a step costs about 30 µs on ext4, however long it is.
    static let longestAllocationStep = 8 << 20

    private struct Current {
        var state: LogState
        var file: File?
    }

    private let segmentSize: Int

    /// How much is allocated at once: a small part of a small store.
    private let allocationStep: Int

    private let segments: SegmentFiles
    private let space: SpaceLedger
    private let writes: WriteHealth
    private let storeState: StoreState
    private let dirty: DirtyFiles
    private let current: Mutex<Current>
    private let appended = Atomic<Int>(0)

    /// A log that goes on at `state`, in `file`.
    init(
        _ state: LogState, in file: File?, segmentSize: Int, segments: SegmentFiles, space: SpaceLedger,
        writes: WriteHealth, storeState: StoreState, dirty: DirtyFiles
    ) {
        self.segmentSize = segmentSize
        // Whole blocks, as the ledger counts what files occupy.
        allocationStep = min(
            SpaceLedger.blocks(max(segmentSize / 4, 64 << 10)), Self.longestAllocationStep)
        self.segments = segments
        self.space = space
        self.writes = writes
        self.storeState = storeState
        self.dirty = dirty
        current = Mutex(Current(state: state, file: file))
        note(state)
    }

    /// How far all records are in the index, or never will be.
    var settled: LogState.Mark { current.withLock { $0.state.settled } }

    /// How many bytes of blobs were appended since the opening, with the large files that records name.
    var appendedBytes: Int { appended.load(ordering: .relaxed) }

    /// Reserves the next `count` bytes for `records` records that name files of `objectBytes` bytes, and lets
    /// `body` write them and put them in the index; it may throw, which gives the range up.
    ///
    /// Several ranges may be filled at once.
    ///
    /// - Parameter mayUseReserve: whether the part of the maximum size that requests leave may be used.
    func append(
        _ count: Int, records: Int, objectBytes: Int = 0, mayUseReserve: Bool = false,
        _ body: (File, LogState.Reservation) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            let (file, reservation) = try reserve(
                count, records: records, objectBytes: objectBytes, mayUseReserve: mayUseReserve)
            defer { settle(reservation) }
            try body(file, reservation)
        } catch {
            writes.note(error)
            throw error
        }
        writes.noteSuccess()
    }

    /// The first segment that may still be written to, and whether it can be left for another.
    var inUse: (first: UInt32, canSeal: Bool) {
        current.withLock { ($0.state.firstInUse, $0.state.canSeal) }
    }

    /// Leaves the current segment, if nobody is writing to it; the next record begins another.
    func seal() {
        current.withLock { current in
            guard current.state.canSeal else { return }
            trim(current)
            current.state.seal()
            current.file = nil
        }
    }

    private func reserve(
        _ count: Int, records: Int, objectBytes: Int, mayUseReserve: Bool
    ) throws(StoreError) -> (File, LogState.Reservation) {
        try current.withLock { (current) throws(StoreError) in
            if current.state.needsSegment(ofAtMost: segmentSize) {
                try beginSegment(&current, mayUseReserve: mayUseReserve)
            }
            guard let file = current.file else { preconditionFailure("a current segment has its file") }
            let shortfall = current.state.shortfall(for: count)
            if shortfall > 0 {
                let count = try allocate(
                    shortfall, in: file, from: current.state.allocated, mayUseReserve: mayUseReserve)
                current.state.allocate(count)
            }
            let reservation = current.state.reserve(count, records: records, objectBytes: objectBytes)
            // Before anything is written, so that after a death all that may have been written is known.
            note(current.state)
            appended.wrappingAdd(count + objectBytes, ordering: .relaxed)
            return (file, reservation)
        }
    }

    private func settle(_ reservation: LogState.Reservation) {
        current.withLock { current in
            current.state.settle(reservation)
            note(current.state)
        }
    }

    private func note(_ state: LogState) {
        storeState[.nextSequence] = state.nextSequence
        storeState[.settledSegment, .settledOffset] = state.settled.place
        storeState[.segment] = UInt64(state.segment)
        storeState[.tail] = UInt64(state.tail)
        storeState[.bytesStoodFor] = UInt64(state.bytesStoodFor)
    }

    private func beginSegment(_ current: inout Current, mayUseReserve: Bool) throws(StoreError) {
        let (number, file) = try segments.create(after: current.state.segment)
        do throws(StoreError) {
            let allocated = try allocate(
                SegmentHeader.byteCount, in: file, from: 0, mayUseReserve: mayUseReserve)
            do throws(StoreError) {
                try segments.writeHeader(number, to: file)
                dirty.note(file.path)
                dirty.note(directory: segments.files.segments)
            } catch {
                space.give(allocated, from: .segments)
                throw error
            }
            trim(current)
            current.state.begin(segment: number, tail: SegmentHeader.byteCount, allocated: allocated)
            current.file = file
        } catch {
            try? segments.remove(number)  // What stays is found by the next opening.
            throw error
        }
    }

    /// Gives back what the segment does not need.
    private func trim(_ current: Current) {
        guard let file = current.file else { return }
        let kept = SpaceLedger.blocks(current.state.tail)
        guard kept < current.state.allocated else { return }
        // If it fails, the surplus stays allocated and counted.
        guard (try? file.truncate(to: current.state.tail)) != nil else { return }
        space.give(SpaceLedger.blocks(current.state.allocated) - kept, from: .segments)
    }

    /// Allocates at least `needed` bytes, and a step where there is room for it; returns how many.
    private func allocate(
        _ needed: Int, in file: File, from offset: Int, mayUseReserve: Bool
    ) throws(StoreError) -> Int {
        let needed = SpaceLedger.blocks(offset + needed) - offset
        if needed < allocationStep, let step = try? allocate(exactly: allocationStep, in: file, from: offset)
        {
            return step  // Without room for a step, what is needed may still fit.
        }
        return try allocate(exactly: needed, in: file, from: offset, mayUseReserve: mayUseReserve)
    }

    private func allocate(
        exactly count: Int, in file: File, from offset: Int, mayUseReserve: Bool = false
    ) throws(StoreError) -> Int {
        // A segment that was trimmed ends within a block, which is counted already.
        let growth = SpaceLedger.blocks(offset + count) - SpaceLedger.blocks(offset)
        try space.take(growth, for: .segments, mayUseReserve: mayUseReserve)
        do throws(StoreError) {
            try file.orStoreError("make room in \(file.path)") { () throws(SystemError) in
                try file.allocate(from: offset, count: count)
            }
            return count
        } catch {
            // A full disk may have given a part of it. If that stays, the next opening counts it.
            try? file.truncate(to: offset)
            space.give(growth, from: .segments)
            throw error
        }
    }
}
