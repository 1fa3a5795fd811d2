// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Glibc

/// An open file; closed with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// What it is.
    func status() throws(SystemError) -> stat {
        var status = stat()
        _ = try SystemError.check { fstat(descriptor, &status) }
        return status
    }

    /// Fills `room` from `offset` on; fewer bytes than there is room for mean that the file ends there.
    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        var filled = 0
        while filled < room.count {
            let count = try SystemError.check {
                pread(descriptor, room.baseAddress! + filled, room.count - filled, offset + filled)
            }
            guard count > 0 else { break }
            filled += count
        }
        return filled
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: ByteChain, at offset: Int) throws(SystemError) {
        var offset = offset
        for slice in bytes.slices {
            try slice.withUnsafeBytes { (memory) throws(SystemError) in try write(memory, at: offset) }
            offset += slice.count
        }
    }

    private func write(_ memory: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        var written = 0
        while written < memory.count {
            written += try SystemError.check {
                pwrite(descriptor, memory.baseAddress! + written, memory.count - written, offset + written)
            }
        }
    }
}
