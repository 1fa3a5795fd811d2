// SPDX-License-Identifier: Apache-2.0

public import CASStore

extension DiskStore {
    /// The share of a segment that must be dead for what is live to be worth writing anew.
    private static let worthwhileShare = 0.1

    /// Lets the store occupy as little as it can: what is live moves out of segments with dead records, files that
    /// nothing leads to go, and the index and the database shrink.
    ///
    /// Nobody else may use the store meanwhile. A segment at a time is held twice, also if that passes the limit of
    /// the store. Damaged blobs are dropped, as by reading them.
    public func compact() throws(StoreError) -> CompactionSummary {
        var summary = CompactionSummary()
        summary.bytesBefore = space.total
        let (files, damaged) = (try catalog.objects.paths().count, catalog.damagedEntries)
        try compactSegments(&summary)
        try removeDeadFiles()
        summary.filesRemoved = files - (try catalog.objects.paths().count)
        summary.damagedBlobs = catalog.damagedEntries - damaged
        try catalog.index.shrink()
        // The tables before go with the checkpoint that knows the new ones.
        try checkpoint()
        try records.shrink()
        summary.bytesAfter = space.total
        return summary
    }

    /// Eviction's pass over a segment, with everything live kept: a record is on the disk anew before the index leads
    /// to it, and a large blob stays where it is, only the record that names its file moves.
    private func compactSegments(_ summary: inout CompactionSummary) throws(StoreError) {
        let worthwhile = try worthwhileSegments()
        // The last one is still appended to.
        if worthwhile.last == log.inUse.first { log.seal() }
        let parts = SegmentEviction.Parts(catalog: catalog, log: log, dirtyFiles: dirty)
        for number in worthwhile {
            var segment = try SegmentEviction(number, parts)
            let isEmpty = try segment.run(0, protectedAfter: 0)
            summary.recordsMoved += segment.tally.reappendedBlobs
            guard isEmpty else {
                throw StoreError(.noSpace, "There is no room on the disk for a segment to be there twice.")
            }
            // The index that the next opening starts from must not lead into the segment that goes.
            try checkpoint()
            try catalog.segments.remove(number)
            dirty.note(directory: catalog.segments.files.segments)
            space.give(SpaceLedger.blocks(segment.fileSize), from: .segments)
            summary.segmentsRemoved += 1
        }
    }

    /// The segments of which enough is dead, in order.
    private func worthwhileSegments() throws(StoreError) -> [UInt32] {
        var live: [UInt32: Int] = [:]
        catalog.index.forEach { entry in
            live[entry.place.segment, default: 0] += RecordHeader.recordSize(payloadSize: entry.payloadSize)
        }
        var worthwhile: [UInt32] = []
        for number in try catalog.segments.numbers() {
            let file = try catalog.segments.files.open(catalog.segments.path(number), .read)
            let used = try storeState.endOfRecords(in: number, file) - SegmentHeader.byteCount
            let dead = used - (live[number] ?? 0)
            if used == 0
                ? storeState[.segment] != UInt64(number) : Double(dead) > Double(used) * Self.worthwhileShare
            {
                worthwhile.append(number)
            }
        }
        return worthwhile
    }

    /// Removes the files of large blobs that no live record names.
    private func removeDeadFiles() throws(StoreError) {
        var entries: [IndexEntry] = []
        catalog.index.forEach { if $0.kind == .object { entries.append($0) } }
        var live: Set<ObjectName> = []
        for entry in entries {
            do {
                live.insert(try catalog.record(of: entry).0.objectName)
            } catch {
                switch error {
                case .damaged(let reason): catalog.drop(entry, because: reason)
                case .failed(let failure): throw failure
                }
            }
        }
        let dead = try catalog.objects.paths().compactMap(\.name).filter { !live.contains($0) }
        for name in dead { try catalog.objects.remove(name) }
    }
}
