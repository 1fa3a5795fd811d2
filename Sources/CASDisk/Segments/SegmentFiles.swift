// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// The files of the segments, `segments/NNNNNNNN.seg`, a bounded number of them open for reading.
final class SegmentFiles: Sendable {
    /// How many segments are kept open; a process may have 1024 files open by default, and connections count
    /// too.
    static let openAtMost = 128

    private struct Open {
        var files: [UInt32: File] = [:]
        var order: [UInt32] = []
    }

    let identity: UInt64
    let files: StoreFiles

    private let open = Mutex(Open())

    init(_ files: StoreFiles, identity: UInt64) {
        self.files = files
        self.identity = identity
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
        if let file = open.withLock({ $0.files[number] }) { return file }
        let file = try File(path(number), .read, on: files.system)
        open.withLock { open in
            guard open.files.updateValue(file, forKey: number) == nil else { return }
            open.order.append(number)
            if open.order.count > Self.openAtMost { open.files[open.order.removeFirst()] = nil }
        }
        return file
    }

    /// The file of a new segment, with the next number that no segment has.
    func create(after number: UInt32) throws(StoreError) -> (UInt32, File) {
        let next = number + 1
        return (next, try files.open(path(next), .createNew))
    }

    func writeHeader(_ number: UInt32, to file: File) throws(StoreError) {
        try withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 16) {
            (room) throws(StoreError) in
            guard let start = room.baseAddress else { return }
            SegmentHeader.store(to: start, number: number, identity: identity)
            try file.orStoreError("write \(file.path)") { () throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(room), at: 0)
            }
        }
    }

    /// Whether the file begins as that segment of this store does.
    func hasHeader(_ number: UInt32, in file: File) throws(StoreError) -> Bool {
        var (found, expected) = (
            [UInt8](repeating: 0, count: SegmentHeader.byteCount),
            [UInt8](repeating: 0, count: SegmentHeader.byteCount)
        )
        expected.withUnsafeMutableBytes { room in
            SegmentHeader.store(to: room.baseAddress!, number: number, identity: identity)
        }
        do throws(SystemError) {
            _ = try found.withUnsafeMutableBufferPointer { (room) throws(SystemError) in
                try file.read(into: UnsafeMutableRawBufferPointer(room), at: 0)
            }
        } catch {
            guard error == .unreadable else { throw .system(error, doing: "read \(file.path)") }
            return false
        }
        return found == expected
    }

    /// Removes a segment of which nothing is needed; who reads it goes on.
    func remove(_ number: UInt32) {
        open.withLock { open in
            open.files[number] = nil
            open.order.removeAll { $0 == number }
        }
        try? files.remove(path(number))  // What stays is found by the next opening.
    }

    private static let suffix = ".seg"
}
