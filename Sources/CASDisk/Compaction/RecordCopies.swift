// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASStore

/// Live records of one segment, gathered to be appended again with one write.
struct RecordCopies {
    /// How much is gathered at most, unless a single record is larger, and how many records.
    private static let mostBytes = 8 << 20
    private static let mostRecords = 4096

    private struct Copy {
        let header: RecordHeader
        let payload: Bytes
        let lastUse: UInt32

        var recordSize: Int { RecordHeader.recordSize(payloadSize: header.payloadSize) }
    }

    private var copies: [Copy] = []

    /// How many bytes they take in a segment.
    private(set) var byteCount = 0

    /// How many bytes the files have that they name.
    private(set) var objectBytes = 0

    var count: Int { copies.count }

    /// Whether it is time to append them.
    var isFull: Bool { byteCount >= Self.mostBytes || copies.count >= Self.mostRecords }

    mutating func add(_ header: RecordHeader, _ payload: UnsafeRawBufferPointer, lastUse: UInt32) {
        let copy = Copy(header: header, payload: Bytes(copying: payload), lastUse: lastUse)
        copies.append(copy)
        byteCount += copy.recordSize
        switch header.kind {
        case .blob: break
        case .object: objectBytes += header.storedSize
        }
    }

    mutating func removeAll() {
        copies.removeAll(keepingCapacity: true)
        (byteCount, objectBytes) = (0, 0)
    }

    /// The records as they stand at `reservation`, and for each the number it had and the entry that leads to it now.
    func records(
        at reservation: LogState.Reservation, of identity: UInt64
    ) -> (bytes: Bytes, moves: [(from: UInt64, to: IndexEntry)]) {
        var moves: [(from: UInt64, to: IndexEntry)] = []
        let bytes = Bytes(capacity: byteCount) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            guard let start = room.baseAddress else { return 0 }
            var place = reservation.place
            for (number, copy) in copies.enumerated() {
                let header = copy.header.moved(
                    to: reservation.firstSequence + UInt64(number), lastUse: copy.lastUse)
                let memory = start + (place.offset - reservation.place.offset)
                header.store(to: memory, at: place, of: identity)
                copy.payload.withUnsafeBytes { payload in
                    UnsafeMutableRawBufferPointer(
                        start: memory + RecordHeader.byteCount, count: payload.count
                    ).copyMemory(from: payload)
                }
                moves.append((copy.header.sequence, header.entry(at: place)))
                place.offset += copy.recordSize
            }
            return room.count
        }
        return (bytes, moves)
    }
}
