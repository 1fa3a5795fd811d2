// SPDX-License-Identifier: Apache-2.0

import Bytes

/// Records of a victim that are kept, gathered to be appended again with one write.
struct ReappendedBatch {
    /// A record that is kept, and the entry that leads to it.
    struct Kept {
        let entry: IndexEntry
        let header: RecordHeader
        let payload: Bytes
    }

    private(set) var records: [Kept] = []

    /// What the records take in the log.
    private(set) var byteCount = 0

    /// The size of the files that they name.
    private(set) var objectBytes = 0

    /// Whether it should be appended before `header` is added.
    func isFull(for header: RecordHeader) -> Bool {
        records.count == BlobAppender.recordsOfABatch
            || !records.isEmpty && byteCount + header.recordSize > BlobAppender.bytesOfABatch
    }

    mutating func add(_ kept: Kept) {
        records.append(kept)
        byteCount += kept.header.recordSize
        objectBytes += kept.header.objectBytes
    }

    /// The records as they are written at `reservation`.
    func vector(at reservation: LogState.Reservation, of identity: UInt64) -> WriteVector {
        let headers = headers(from: reservation.firstSequence)
        let stored = Self.store(headers, at: reservation.place, of: identity)
        var vector = WriteVector(capacity: records.count * 2)
        var padding = 0
        for (position, kept) in records.enumerated() {
            let end = (position + 1) * Self.stride
            // What pads the last record is zero already: the file was allocated.
            vector.append(stored[(end - RecordHeader.byteCount - padding)..<end])
            vector.append(kept.payload)
            padding = kept.header.recordSize - RecordHeader.byteCount - kept.payload.count
        }
        return vector
    }

    /// The entries that will lead to them.
    func entries(at reservation: LogState.Reservation) -> [IndexEntry] {
        var place = reservation.place
        return headers(from: reservation.firstSequence).map { header in
            defer { place.offset += header.recordSize }
            return header.entry(at: place)
        }
    }

    /// Room for one header, and before it for what pads the record in front.
    private static let stride = Place.alignment + RecordHeader.byteCount

    private func headers(from sequence: UInt64) -> [RecordHeader] {
        records.enumerated().map { position, kept in
            kept.header.appendedAgain(sequence: sequence + UInt64(position), lastUse: kept.entry.lastUse)
        }
    }

    /// The headers, each at the end of its stride, behind zeros.
    private static func store(_ headers: [RecordHeader], at place: Place, of identity: UInt64) -> Bytes {
        Bytes(capacity: headers.count * stride) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            guard var memory = room.baseAddress else { return 0 }
            var place = place
            for header in headers {
                header.store(to: memory + Place.alignment, at: place, of: identity)
                memory += stride
                place.offset += header.recordSize
            }
            return room.count
        }
    }
}
