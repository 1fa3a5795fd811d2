// SPDX-License-Identifier: Apache-2.0

import Bytes
import Glibc

/// An open file of a store that is compared, closed with its last reference.
final class Descriptor: Sendable {
    private let path: String
    private let number: Int32

    init(_ path: String, _ flags: Int32) throws {
        self.path = path
        number = open(path, flags | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw BenchFailure.ofSystem("open \(path)") }
    }

    deinit { close(number) }

    /// Writes all of `bytes` where the last write ended.
    func write(_ bytes: Bytes) throws {
        let written = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw BenchFailure.ofSystem("write \(path)") }
    }

    /// The first `count` bytes.
    func read(_ count: Int) throws -> Bytes {
        let bytes = Bytes(capacity: count) { max(0, Glibc.read(number, $0.baseAddress, count)) }
        guard bytes.count == count else { throw BenchFailure.ofSystem("read \(path)") }
        return bytes
    }

    /// Returns when the disk has it.
    func sync() throws {
        guard fsync(number) == 0 else { throw BenchFailure.ofSystem("fsync \(path)") }
    }
}

extension BenchFailure {
    /// What the system just said to `call`.
    static func ofSystem(_ call: String) -> BenchFailure {
        BenchFailure("The system refused to \(call): \(String(cString: strerror(errno))).")
    }
}
