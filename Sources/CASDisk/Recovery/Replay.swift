// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Puts what the log has from a place on into the index.
struct Replay {
    /// How much is believed of what a record says.
    enum Care {
        /// The machine went on: what a record names is as it was written.
        case processDied
        /// The files of large blobs are read and checked too, and what follows the last record is cut off.
        case machineStopped
    }

    let catalog: BlobCatalog
    let space: SpaceLedger
    let care: Care

    /// Reads the segments with these numbers from `place` on, the one numbered `tail.segment` up to there.
    func run(
        _ numbers: [UInt32], from place: Place, to tail: Place?, _ outcome: inout RecoveryOutcome
    ) throws(StoreError) {
        for number in numbers where number >= place.segment {
            let file = try catalog.segments.files.open(catalog.segments.path(number), .readAndWrite)
            let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in
                try file.size()
            }
            let end = tail?.segment == number ? min(tail?.offset ?? size, size) : size
            let start = number == place.segment ? min(place.offset, end) : 0
            let scanned = try scan(number, file, start..<end, &outcome)
            outcome.records += scanned.records
            // What cannot be read now may be read later, and entries lead there.
            guard care == .machineStopped, size == end, scanned.isReadable else { continue }
            if scanned.records == 0, start <= SegmentHeader.byteCount {
                try catalog.segments.remove(number)
                space.give(SpaceLedger.blocks(size), from: .segments)
                outcome.filesRemoved += 1
            } else {
                try cut(file, from: size, to: scanned.end)
            }
        }
    }

    private func scan(
        _ number: UInt32, _ file: File, _ range: Range<Int>, _ outcome: inout RecoveryOutcome
    ) throws(StoreError) -> SegmentScan.Outcome {
        let scan = SegmentScan(segment: number, identity: catalog.segments.identity, file: file)
        var found = outcome
        let scanned = try scan.forEach(in: range) { (header, place) throws(StoreError) in
            found.highestSequence = max(found.highestSequence, header.sequence)
            let entry = header.entry(at: place)
            guard isWhole(header, entry) else {
                found.torn += 1
                return
            }
            if try catalog.index.insertOverOlder(entry) { found.added += 1 }
        }
        outcome = found
        outcome.skippedBytes += scanned.skippedBytes
        return scanned
    }

    /// Whether what the record names is there: a large blob gets its name after the record is written.
    private func isWhole(_ header: RecordHeader, _ entry: IndexEntry) -> Bool {
        // What cannot be read is as bad as what is wrong.
        switch (header.kind, care) {
        case (.blob, _): true
        case (.object, .processDied): catalog.objects.contains(header.objectName)
        case (.object, .machineStopped):
            catalog.objects.contains(header.objectName)
                && (try? ObjectContent(of: entry, in: catalog).check()) != nil
        }
    }

    /// Gives back what follows the last record, which may be a torn one.
    private func cut(_ file: File, from size: Int, to end: Int) throws(StoreError) {
        guard SpaceLedger.blocks(end) < SpaceLedger.blocks(size) else { return }
        try file.orStoreError("cut \(file.path)") { () throws(SystemError) in try file.truncate(to: end) }
        space.give(SpaceLedger.blocks(size) - SpaceLedger.blocks(end), from: .segments)
    }
}
