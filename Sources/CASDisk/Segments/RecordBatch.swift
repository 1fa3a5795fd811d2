// SPDX-License-Identifier: Apache-2.0

import Bytes

/// Records that stand one after another, ready to be written, and the entries that will lead to them.
struct RecordBatch: ~Copyable {
    private(set) var vector: WriteVector
    private(set) var entries: [IndexEntry] = []

    /// Room for one header, and before it for what pads the record in front.
    private static let stride = Place.alignment + RecordHeader.byteCount

    init(
        _ blobs: ArraySlice<BlobAppender.SmallBlob>, at reservation: LogState.Reservation,
        of identity: UInt64,
        usedAt time: UInt32
    ) {
        vector = WriteVector(capacity: blobs.count * 2)
        entries.reserveCapacity(blobs.count)
        let stored = Self.store(blobs, at: reservation, of: identity, usedAt: time, entries: &entries)
        var padding = 0
        for (position, blob) in blobs.enumerated() {
            let end = (position + 1) * Self.stride
            // What pads the last record is zero already: the file was allocated.
            vector.append(stored[(end - RecordHeader.byteCount - padding)..<end])
            vector.append(blob.payload)
            padding = blob.recordSize - RecordHeader.byteCount - blob.payload.count
        }
    }

    /// The headers, each at the end of its stride, behind zeros.
    private static func store(
        _ blobs: ArraySlice<BlobAppender.SmallBlob>, at reservation: LogState.Reservation,
        of identity: UInt64,
        usedAt time: UInt32, entries: inout [IndexEntry]
    ) -> Bytes {
        Bytes(capacity: blobs.count * stride) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            guard var memory = room.baseAddress else { return 0 }
            var place = reservation.place
            var sequence = reservation.firstSequence
            for blob in blobs {
                let header = RecordHeader(
                    .blob, blob.digest, key: blob.key, sequence: sequence, payloadSize: blob.payload.count,
                    payloadChecksum: blob.checksum, lastUse: time)
                header.store(to: memory + Place.alignment, at: place, of: identity)
                entries.append(header.entry(at: place))
                memory += stride
                place.offset += blob.recordSize
                sequence += 1
            }
            return room.count
        }
    }
}
