// SPDX-License-Identifier: Apache-2.0

import Bytes
import Glibc

/// A file that appears under its name when it is complete, or standard output. Used by one task at a time.
final class ByteOutput {
    /// How much is gathered before it is written.
    private static let writtenAtOnce = 1 << 20

    /// Whether it is standard output, which then is not for people.
    let isStandardOutput: Bool

    private let path: String
    private let partialPath: String
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isKept = false

    /// The file at `path`, or standard output for `-`. Under another name until ``keep()``.
    init(_ path: String) throws {
        self.path = path
        isStandardOutput = path == "-"
        partialPath = path + ".partial"
        descriptor =
            isStandardOutput
            ? STDOUT_FILENO : open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw StoreFailure("Cannot write \(partialPath): \(Self.reason).") }
    }

    deinit {
        guard !isStandardOutput else { return }
        close(descriptor)
        if !isKept { unlink(partialPath) }
    }

    func write(_ bytes: Bytes) throws {
        try bytes.withUnsafeBytes { memory in
            if memory.count >= Self.writtenAtOnce {
                try flush()
                return try write(memory)
            }
            pending += memory
            if pending.count >= Self.writtenAtOnce { try flush() }
        }
    }

    func flush() throws {
        try pending.withUnsafeBytes { try write($0) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Brings the file to the disk and gives it its name.
    func keep() throws {
        try flush()
        guard !isStandardOutput else { return }
        guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
            throw StoreFailure("Cannot write \(path): \(Self.reason).")
        }
        isKept = true
    }

    private func write(_ memory: UnsafeRawBufferPointer) throws {
        var rest = memory[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, part.baseAddress, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw StoreFailure(
                    "Cannot write \(isStandardOutput ? "standard output" : path): \(Self.reason).")
            }
            rest = rest.dropFirst(count)
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
