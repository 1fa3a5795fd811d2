// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc
import Synchronization

/// The files of the segments, `segments/NNNNNNNN.seg`, a bounded number of them open for reading.
final class SegmentFiles: Sendable {
    /// How many segments are kept open; a process may have 1024 files open by default, and connections count
    /// too.
    static let openAtMost = 128

    private struct Open {
        var files: [UInt32: File] = [:]
        var order: [UInt32] = []
        /// How many segments were removed: one that was opened before a removal may be the one.
        var removals = 0
    }

    let identity: UInt64
    let files: StoreFiles

    private let clock: WallClock
    private let open = Mutex(Open())

    init(_ files: StoreFiles, identity: UInt64, clock: WallClock = .system) {
        self.files = files
        self.identity = identity
        self.clock = clock
    }

    /// The numbers of all segments, rising.
    func numbers() throws(StoreError) -> [UInt32] {
        try files.names(in: files.segments).compactMap { name in
            guard name.hasSuffix(Self.suffix) else { return nil }
            return UInt32(name.dropLast(Self.suffix.count), radix: 10)
        }.sorted()
    }

    func path(_ number: UInt32) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(files.segments)/\(zeros)\(digits)\(Self.suffix)"
    }

    /// The file of a segment, open until the last reference to it is gone.
    func file(_ number: UInt32) throws(SystemError) -> File {
        let (known, removals) = open.withLock { ($0.files[number], $0.removals) }
        if let known { return known }
        let file = try File(path(number), .read, on: files.system)
        open.withLock { open in
            // A file that is kept open after it was removed would go on taking room.
            guard open.removals == removals else { return }
            guard open.files.updateValue(file, forKey: number) == nil else { return }
            open.order.append(number)
            if open.order.count > Self.openAtMost { open.files[open.order.removeFirst()] = nil }
        }
        return file
    }

    /// The file of a new segment, with the next number that no segment has.
    func create(after number: UInt32) throws(StoreError) -> (UInt32, File) {
        var next = number + 1
        while true {
            do {
                return (next, try File(path(next), .createNew, on: files.system))
            } catch {
                // A file that was given up and could not be removed; the next opening finds it.
                guard error.number == EEXIST else { throw .system(error, doing: "open \(path(next))") }
                next += 1
            }
        }
    }

    func writeHeader(_ number: UInt32, to file: File) throws(StoreError) {
        try withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 16) {
            (room) throws(StoreError) in
            guard let start = room.baseAddress else { return }
            SegmentHeader.store(to: start, number: number, identity: identity, begunAt: clock.now())
            try file.orStoreError("write \(file.path)") { () throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(room), at: 0)
            }
        }
    }

    /// When the segment in `file` was begun, or nil if its header is not whole.
    func begunAt(_ number: UInt32, in file: File) throws(SystemError) -> UInt32? {
        try withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 16) {
            (room) throws(SystemError) in
            guard try file.read(into: room, at: 0) == room.count, let start = room.baseAddress else {
                return nil
            }
            return SegmentHeader.begunAt(start, number: number, identity: identity)
        }
    }

    /// Removes a segment of which nothing is needed; who reads it goes on.
    func remove(_ number: UInt32) throws(StoreError) {
        try files.remove(path(number))
        open.withLock { open in
            open.removals += 1
            open.files[number] = nil
            open.order.removeAll { $0 == number }
        }
    }

    private static let suffix = ".seg"
}
