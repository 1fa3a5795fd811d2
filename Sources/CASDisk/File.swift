// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc

/// An open file, closed with its last reference, so that a file which is removed stays readable to who reads
/// it.
final class File: Sendable {
    let path: String

    private let system: any FileSystem
    private let descriptor: Int32

    /// How a file is opened.
    enum Mode {
        case read
        case readAndWrite
        /// Made if it is not there.
        case create
        /// Must not be there yet.
        case createNew

        fileprivate var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .readAndWrite: O_RDWR
            case .create: O_RDWR | O_CREAT
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        }
    }

    init(_ path: String, _ mode: Mode, on system: any FileSystem) throws(SystemError) {
        self.path = path
        self.system = system
        descriptor = try system.open(path, flags: mode.flags)
    }

    deinit {
        system.close(descriptor)
    }

    /// Fills `room` from `offset` on; returns how many bytes there were, fewer than asked for only at the
    /// end.
    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        var done = 0
        while done < room.count {
            do throws(SystemError) {
                let rest = UnsafeMutableRawBufferPointer(rebasing: room[done...])
                let count = try system.read(descriptor, into: rest, at: offset + done)
                guard count > 0 else { return done }
                done += count
            } catch {
                guard error.number == EINTR else { throw error }
            }
        }
        return done
    }

    /// Writes all of `vector` from `offset` on, in as few calls as the system allows.
    func write(_ vector: borrowing WriteVector, at offset: Int) throws(SystemError) {
        var parts = vector.parts
        try parts.withUnsafeMutableBufferPointer { (parts) throws(SystemError) in
            try write(parts, at: offset)
        }
        withExtendedLifetime(vector.owners) {}
    }

    /// Writes all of `content` at `offset`.
    func write(_ content: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        var part = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: content.baseAddress), iov_len: content.count)
        try withUnsafeMutablePointer(to: &part) { (part) throws(SystemError) in
            try write(UnsafeMutableBufferPointer(start: part, count: 1), at: offset)
        }
    }

    private func write(_ parts: UnsafeMutableBufferPointer<iovec>, at offset: Int) throws(SystemError) {
        var offset = offset
        var first = 0
        while first < parts.count {
            let end = min(first + WriteVector.mostPartsOfACall, parts.count)
            do throws(SystemError) {
                let count = try system.write(
                    descriptor, UnsafeBufferPointer(rebasing: parts[first..<end]), at: offset)
                offset += count
                first = Self.skip(count, of: parts, from: first)
            } catch {
                guard error.number == EINTR else { throw error }
            }
        }
    }

    /// The first part of which something is left after `count` bytes from part `first` on; it begins there.
    private static func skip(_ count: Int, of parts: UnsafeMutableBufferPointer<iovec>, from first: Int)
        -> Int
    {
        var first = first
        var count = count
        while first < parts.count, count >= parts[first].iov_len {
            count -= parts[first].iov_len
            first += 1
        }
        if count > 0 {
            parts[first].iov_base += count
            parts[first].iov_len -= count
        }
        return first
    }

    /// Makes the file at least `offset + count` long, with blocks of its own under that range: writing there
    /// cannot run out of space.
    func allocate(from offset: Int, count: Int) throws(SystemError) {
        while true {
            do throws(SystemError) {
                return try system.allocate(descriptor, from: offset, count: count)
            } catch {
                guard error.number == EINTR else { throw error }
            }
        }
    }

    func truncate(to size: Int) throws(SystemError) {
        try system.truncate(descriptor, to: size)
    }

    func size() throws(SystemError) -> Int {
        try system.size(descriptor)
    }

    /// Returns when all bytes of the file are on the disk.
    func sync() throws(SystemError) {
        while true {
            do throws(SystemError) {
                return try system.sync(descriptor)
            } catch {
                guard error.number == EINTR else { throw error }
            }
        }
    }

    /// Whether this file is now locked for this process; false when another holder has it.
    func lock() throws(SystemError) -> Bool {
        try system.lock(descriptor)
    }

    /// The first `count` bytes as shared memory; all of them must be allocated.
    func map(count: Int) throws(SystemError) -> Mapping {
        Mapping(try system.map(descriptor, count: count), count: count, on: system)
    }
}
