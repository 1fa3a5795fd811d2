// SPDX-License-Identifier: Apache-2.0

import CASStore

extension IndexTable {
    /// How full a table is.
    struct Counts {
        var capacity = 0
        var entries = 0
        var deleted = 0
    }

    /// How much of a file is read at once.
    private static let pieceSize = 1 << 20

    /// What the marks in the file of a table come to, or nil if it holds none.
    static func counts(in file: File) throws(StoreError) -> Counts? {
        try file.orStoreError("read \(file.path)") { () throws(SystemError) in
            guard let capacity = capacity(fileSize: try file.size()) else { return nil }
            var room = [UInt8](repeating: 0, count: pieceSize)
            guard try read(file, &room, at: 0, count: headerSize) == headerSize, isComplete(room) else {
                return nil
            }
            var counts = Counts(capacity: capacity)
            var offset = headerSize + capacity * IndexSlot.byteCount
            let end = offset + capacity
            while offset < end {
                let count = try read(file, &room, at: offset, count: min(pieceSize, end - offset))
                guard count > 0 else { return nil }
                for tag in room[..<count] {
                    if tag & 0x80 != 0 { counts.entries += 1 } else if tag != 0 { counts.deleted += 1 }
                }
                offset += count
            }
            return counts
        }
    }

    private static func read(
        _ file: File, _ room: inout [UInt8], at offset: Int, count: Int
    ) throws(SystemError) -> Int {
        try room.withUnsafeMutableBufferPointer { (room) throws(SystemError) in
            let room = UnsafeMutableRawBufferPointer(room)
            return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
        }
    }
}
