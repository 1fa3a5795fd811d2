// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASStore

/// Moves what is live out of a segment to the end of the log.
///
/// A record is written anew and on the disk before the index leads to it, and the index is on the disk before the
/// segment goes: whenever the machine stops, one of the two copies is whole and found. A large blob stays where it
/// is; only the record that names its file moves.
struct SegmentCompaction {
    let catalog: BlobCatalog
    let log: SegmentLog
    let dirty: DirtyFiles

    /// Moves the records; returns how many.
    func move(_ segment: UInt32) throws(StoreError) -> Int {
        let files = catalog.segments.files
        let file = try files.open(catalog.segments.path(segment), .read)
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        let scan = SegmentScan(segment: segment, identity: catalog.segments.identity, file: file)
        var copies = RecordCopies()
        var moved = 0
        _ = try scan.forEachRecord(in: SegmentHeader.byteCount..<max(SegmentHeader.byteCount, size)) {
            (header, place, payload) throws(StoreError) in
            guard let entry = catalog.index.entry(of: header.key), entry.place == place,
                entry.sequence == header.sequence
            else { return }
            copies.add(header, payload, lastUse: entry.lastUse)
            guard copies.isFull else { return }
            moved += try append(&copies)
        }
        return moved + (try append(&copies))
    }

    /// Drops the entries that still lead into the segment: their records are not whole. Returns how many.
    func dropRest(of segment: UInt32) -> Int {
        var dropped = 0
        while true {
            let entries = catalog.index.entries(in: segment, from: 0, atMost: 1 << 16)
            guard !entries.isEmpty else { return dropped }
            var isAnyGone = false
            for entry in entries where catalog.drop(entry, because: "its record is not whole") {
                dropped += 1
                isAnyGone = true
            }
            // What the index does not find by its key leads nobody there either.
            guard isAnyGone else { return dropped }
        }
    }

    private func append(_ copies: inout RecordCopies) throws(StoreError) -> Int {
        guard copies.count > 0 else { return 0 }
        var moved = 0
        try log.append(copies.byteCount, records: copies.count, objectBytes: copies.objectBytes) {
            [copies] (file, reservation) throws(StoreError) in
            let (bytes, moves) = copies.records(at: reservation, of: catalog.segments.identity)
            try file.orStoreError("write \(file.path)") { () throws(SystemError) in
                try bytes.withUnsafeBytes { (bytes) throws(SystemError) in
                    try file.write(bytes, at: reservation.place.offset)
                }
            }
            dirty.note(file.path)
            try dirty.sync()
            for (sequence, entry) in moves {
                if try catalog.index.replace(sequence, with: entry) { moved += 1 }
            }
        }
        copies.removeAll()
        return moved
    }
}
