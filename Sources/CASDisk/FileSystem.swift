// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The system calls that the store makes on files, one method each.
///
/// All file access except SQLite's goes through it, so that the store can be driven over a file system that
/// fails. A method does what the call does, short counts and interruptions included; ``File`` makes whole
/// reads and writes of them.
protocol FileSystem: Sendable {
    func open(_ path: String, flags: Int32) throws(SystemError) -> Int32
    func close(_ descriptor: Int32)
    func read(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(SystemError) -> Int
    func write(_ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int) throws(SystemError)
        -> Int
    func allocate(_ descriptor: Int32, from offset: Int, count: Int) throws(SystemError)
    func truncate(_ descriptor: Int32, to size: Int) throws(SystemError)
    func size(_ descriptor: Int32) throws(SystemError) -> Int
    /// The size of a file that is not opened for it: closing a file of SQLite's would end SQLite's locks on
    /// it.
    func size(of path: String) throws(SystemError) -> Int
    /// Whether the lock on the file is now held; false when somebody else holds it.
    func lock(_ descriptor: Int32) throws(SystemError) -> Bool
    func map(_ descriptor: Int32, count: Int) throws(SystemError) -> UnsafeMutableRawPointer
    func unmap(_ memory: UnsafeMutableRawPointer, count: Int)
    func rename(_ path: String, to newPath: String) throws(SystemError)
    func remove(_ path: String) throws(SystemError)
    func makeDirectory(_ path: String) throws(SystemError)
    /// Returns when the file's bytes, those stored through a mapping of it included, and its length are on the
    /// disk.
    func sync(_ descriptor: Int32) throws(SystemError)
    /// Returns when the names that were put into and taken out of a directory are so on the disk.
    func syncDirectory(_ path: String) throws(SystemError)
    /// How many bytes of the file system that `path` is on this process may still take.
    func freeSpace(at path: String) throws(SystemError) -> Int
    /// How many bytes the file system that `path` is on has in all.
    func capacity(at path: String) throws(SystemError) -> Int
    /// The names in a directory, without `.` and `..`, in no order.
    func names(in directory: String) throws(SystemError) -> [String]
}

/// A system call that failed, by its error number.
struct SystemError: Error, Equatable, CustomStringConvertible {
    let number: Int32

    /// The error that the last call of this thread left.
    static var last: SystemError { SystemError(number: errno) }

    var description: String { String(cString: strerror(number)) }

    /// A file that is not there.
    static let notThere = SystemError(number: ENOENT)

    /// A device that cannot read its bytes back.
    static let unreadable = SystemError(number: EIO)

    /// Whether the disk or the quota is full.
    var isNoSpace: Bool { number == ENOSPC || number == EDQUOT }
}
