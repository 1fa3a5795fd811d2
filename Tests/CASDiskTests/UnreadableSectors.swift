// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

@testable import CASDisk

/// The file system of the machine, on a disk of which a part cannot be read back.
final class UnreadableSectors: FileSystem {
    private let system = OperatingSystem()
    private let lost = Mutex<(suffix: String, bytes: Range<Int>)?>(nil)
    private let descriptors = Mutex<[Int32: String]>([:])

    /// Loses these bytes of the files whose paths end so.
    func lose(_ bytes: Range<Int>, of suffix: String) { lost.withLock { $0 = (suffix, bytes) } }

    /// Reads everything again.
    func recover() { lost.withLock { $0 = nil } }

    func open(_ path: String, flags: Int32) throws(SystemError) -> Int32 {
        let descriptor = try system.open(path, flags: flags)
        descriptors.withLock { $0[descriptor] = path }
        return descriptor
    }

    func read(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        let path = descriptors.withLock { $0[descriptor] ?? "" }
        let isLost = lost.withLock { lost in
            guard let lost, path.hasSuffix(lost.suffix) else { return false }
            return lost.bytes.overlaps(offset..<(offset + room.count))
        }
        guard !isLost else { throw .unreadable }
        return try system.read(descriptor, into: room, at: offset)
    }

    func close(_ descriptor: Int32) { system.close(descriptor) }
    func write(
        _ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int
    ) throws(SystemError) -> Int { try system.write(descriptor, parts, at: offset) }
    func allocate(_ descriptor: Int32, from offset: Int, count: Int) throws(SystemError) {
        try system.allocate(descriptor, from: offset, count: count)
    }
    func truncate(_ descriptor: Int32, to size: Int) throws(SystemError) {
        try system.truncate(descriptor, to: size)
    }
    func size(_ descriptor: Int32) throws(SystemError) -> Int { try system.size(descriptor) }
    func size(of path: String) throws(SystemError) -> Int { try system.size(of: path) }
    func lock(_ descriptor: Int32) throws(SystemError) -> Bool { try system.lock(descriptor) }
    func map(_ descriptor: Int32, count: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        try system.map(descriptor, count: count)
    }
    func unmap(_ memory: UnsafeMutableRawPointer, count: Int) { system.unmap(memory, count: count) }
    func rename(_ path: String, to newPath: String) throws(SystemError) {
        try system.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(SystemError) { try system.remove(path) }
    func makeDirectory(_ path: String) throws(SystemError) { try system.makeDirectory(path) }
    func sync(_ descriptor: Int32) throws(SystemError) { try system.sync(descriptor) }
    func syncDirectory(_ path: String) throws(SystemError) { try system.syncDirectory(path) }
    func freeSpace(at path: String) throws(SystemError) -> Int { try system.freeSpace(at: path) }
    func capacity(at path: String) throws(SystemError) -> Int { try system.capacity(at: path) }
    func names(in directory: String) throws(SystemError) -> [String] { try system.names(in: directory) }
}
