// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Goes over the headers of the records in a segment that is complete; payloads are not looked at.
struct HeaderWalk {
    let segment: UInt32
    let identity: UInt64
    let file: File

    /// Where the file ends.
    let end: Int

    /// Calls `body` with each whole header and its place, in order, until it returns false.
    ///
    /// - Returns: how many bytes belong to no record. What the device cannot read counts among them.
    func forEach(
        _ body: (RecordHeader, Place) throws(StoreError) -> Bool
    ) throws(StoreError) -> Int {
        let window = Window(file)
        var skipped = 0
        var offset = SegmentHeader.byteCount
        while offset + RecordHeader.byteCount <= end {
            let place = Place(segment: segment, offset: offset)
            let start = try window.header(at: offset)
            guard let header = RecordHeader(start, at: place, of: identity) else {
                skipped += Place.alignment
                offset += Place.alignment
                continue
            }
            guard try body(header, place) else { return skipped }
            window.isNextFar = header.payloadSize > Window.size / 2
            offset += header.recordSize
        }
        return skipped
    }

    /// A part of the file in memory, which moves forward.
    private final class Window {
        /// How much is read at once: the headers of about 15 blobs of 4 KiB. Larger blobs are passed over, a
        /// page at a time.
        static let size = 64 << 10
        private static let pageSize = 4096

        var isNextFar = false

        private let file: File
        private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        private var range = 0..<0

        init(_ file: File) {
            self.file = file
        }

        deinit {
            room.deallocate()
        }

        /// The bytes of a header at `offset`, valid until the next call; zeros where the file ends.
        func header(at offset: Int) throws(StoreError) -> UnsafeRawPointer {
            if offset < range.lowerBound || offset + RecordHeader.byteCount > range.upperBound {
                try fill(from: offset, count: isNextFar ? Self.pageSize : Self.size)
            }
            return UnsafeRawPointer(room.baseAddress! + (offset - range.lowerBound))
        }

        private func fill(from offset: Int, count: Int) throws(StoreError) {
            var filled = 0
            do throws(SystemError) {
                filled = try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: room[..<count]), at: offset)
            } catch {
                guard error == .unreadable else { throw .system(error, doing: "read \(file.path)") }
                // One bad sector must not hide what comes after it.
                guard count == Self.pageSize else { return try fill(from: offset, count: Self.pageSize) }
            }
            UnsafeMutableRawBufferPointer(rebasing: room[filled..<count])
                .initializeMemory(as: UInt8.self, repeating: 0)
            range = offset..<(offset + count)
        }
    }
}
