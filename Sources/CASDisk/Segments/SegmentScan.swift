// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Finds the whole records in a range of a segment, whatever lies between them.
///
/// A record begins at a multiple of ``Place/alignment`` with a header that proves itself, so a hole or a torn
/// record only hides itself, not what comes after.
struct SegmentScan {
    /// What a scan found.
    struct Outcome {
        var records = 0
        /// Where the last whole record ends.
        var end: Int
        /// How many bytes belong to no whole record.
        var skippedBytes = 0
        /// Whether the disk gave back every byte; else there may be records where none was found.
        var isReadable = true
    }

    let segment: UInt32
    let identity: UInt64
    let file: File

    /// How much is read at once.
    var windowSize = 4 << 20

    /// Calls `body` with the header and place of each whole record that begins in `range`.
    func forEach(
        in range: Range<Int>, _ body: (RecordHeader, Place) throws(StoreError) -> Void
    ) throws(StoreError) -> Outcome {
        try forEachRecord(in: range) { (header, place, _) throws(StoreError) in try body(header, place) }
    }

    /// The same with the payload, which has the checksum it was written with and is valid during the call.
    func forEachRecord(
        in range: Range<Int>,
        _ body: (RecordHeader, Place, UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) -> Outcome {
        let window = Window(file: file, size: windowSize)
        var outcome = Outcome(end: range.lowerBound)
        var offset = max(Place.aligned(range.lowerBound), SegmentHeader.byteCount)
        while offset < range.upperBound {
            let place = Place(segment: segment, offset: offset)
            guard let (header, payload) = try wholeRecord(at: place, window) else {
                outcome.skippedBytes += Place.alignment
                offset += Place.alignment
                continue
            }
            try body(header, place, payload)
            outcome.records += 1
            offset += RecordHeader.recordSize(payloadSize: header.payloadSize)
            outcome.end = offset
        }
        outcome.isReadable = window.isReadable
        return outcome
    }

    private func wholeRecord(
        at place: Place, _ window: Window
    ) throws(StoreError) -> (RecordHeader, UnsafeRawBufferPointer)? {
        guard let memory = try window.bytes(at: place.offset, count: RecordHeader.byteCount),
            let start = memory.baseAddress, let header = RecordHeader(start, at: place, of: identity),
            let payload = try window.bytes(
                at: place.offset + RecordHeader.byteCount, count: header.payloadSize),
            Checksum.of(payload) == header.payloadChecksum
        else { return nil }
        return (header, payload)
    }

    /// A part of the file in memory, which moves forward.
    private final class Window {
        private static let pageSize = 4096

        private let file: File
        private var room: UnsafeMutableRawBufferPointer
        private var filled = 0
        private var start = 0
        private(set) var isReadable = true

        init(file: File, size: Int) {
            self.file = file
            room = .allocate(byteCount: size, alignment: 16)
        }

        deinit {
            room.deallocate()
        }

        /// `count` bytes at `offset`, valid until the next call, or nil where the file ends before.
        func bytes(at offset: Int, count: Int) throws(StoreError) -> UnsafeRawBufferPointer? {
            if offset < start || offset + count > start + filled { try fill(from: offset, count: count) }
            guard offset + count <= start + filled else { return nil }
            return UnsafeRawBufferPointer(rebasing: room[(offset - start)..<(offset - start + count)])
        }

        private func fill(from offset: Int, count: Int) throws(StoreError) {
            if count > room.count {
                room.deallocate()
                room = .allocate(byteCount: count, alignment: 16)
            }
            start = offset
            do throws(SystemError) {
                filled = try file.read(into: room, at: offset)
            } catch {
                guard error == .unreadable else { throw .system(error, doing: "read \(file.path)") }
                try fillByPages(from: offset)
            }
        }

        /// The same around what the disk cannot read back, which becomes zeros: no record is whole there.
        private func fillByPages(from offset: Int) throws(StoreError) {
            filled = 0
            while filled < room.count {
                let page = UnsafeMutableRawBufferPointer(
                    rebasing: room[filled..<min(filled + Self.pageSize, room.count)])
                do throws(SystemError) {
                    let count = try file.read(into: page, at: offset + filled)
                    filled += count
                    guard count == page.count else { return }
                } catch {
                    guard error == .unreadable else { throw .system(error, doing: "read \(file.path)") }
                    isReadable = false
                    page.initializeMemory(as: UInt8.self, repeating: 0)
                    filled += page.count
                }
            }
        }
    }
}
