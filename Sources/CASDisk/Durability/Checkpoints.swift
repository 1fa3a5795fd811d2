// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// Takes checkpoints, which bound what is read again after a loss of power (DESIGN.md §5, Recovery).
final class Checkpoints: Sendable {
    /// After how many bytes of blobs the next one is due.
    static let bytesBetween = 1 << 30

    /// How long after a write the next one is due at most.
    static let longestWait = Duration.seconds(30)

    private let file: CheckpointFile
    private let log: SegmentLog
    private let index: Index
    private let dirty: DirtyFiles

    /// The last one; held while the next is taken.
    private let last: Mutex<Checkpoint>

    /// - Parameter last: the newest in the file, if there is one.
    init(_ file: CheckpointFile, after last: Checkpoint?, log: SegmentLog, index: Index, dirty: DirtyFiles) {
        self.file = file
        self.log = log
        self.index = index
        self.dirty = dirty
        self.last = Mutex(
            last ?? Checkpoint(number: 0, place: Place(segment: 0, offset: 0), sequence: 0, generations: []))
    }

    /// Takes a checkpoint, unless nothing was written since the last one.
    func takeIfDue() throws(StoreError) {
        guard last.withLock({ $0.sequence }) != log.settled.sequence else { return }
        try take()
    }

    /// Takes a checkpoint: returns when everything that is in the log and in the index is on the disk.
    func take() throws(StoreError) {
        try last.withLock { (last) throws(StoreError) in
            // First how far the log has come: what comes later may be in the files below, and need not.
            let settled = log.settled
            let tables = index.pinTables()
            for table in tables.compactMap({ $0?.table }) {
                try dirty.bring(table.path) { () throws(SystemError) in try table.sync() }
            }
            try dirty.sync()
            let next = Checkpoint(
                number: last.number + 1, place: settled.place, sequence: settled.sequence,
                generations: tables.map { $0?.generation ?? 0 })
            try dirty.bring(file.path) { () throws(SystemError) in try file.write(next) }
            last = next
            index.keepOnly(next.generations)
        }
    }
}
