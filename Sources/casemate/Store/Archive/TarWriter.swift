// SPDX-License-Identifier: Apache-2.0

import Bytes

/// Writes a tar archive, one file after the other.
struct TarWriter {
    private let output: ByteOutput

    init(_ output: ByteOutput) {
        self.output = output
    }

    /// Writes a file of `size` bytes, which `pieces` hands out until nil.
    func write(_ name: String, size: Int, pieces: () async throws -> Bytes?) async throws {
        try output.write(Bytes(TarHeader.blocks(forFile: name, size: size)))
        var written = 0
        while let piece = try await pieces() {
            try output.write(piece)
            written += piece.count
        }
        precondition(written == size, "a blob has the size of its digest")
        try fill(TarHeader.padding(after: size))
    }

    /// Writes a file with this content.
    func write(_ name: String, _ content: Bytes) async throws {
        var rest: Bytes? = content
        try await write(name, size: content.count) {
            defer { rest = nil }
            return rest
        }
    }

    /// Ends the archive.
    func finish() throws {
        try fill(2 * TarHeader.blockSize)
        try output.flush()
    }

    private func fill(_ count: Int) throws {
        try output.write(Bytes([UInt8](repeating: 0, count: count)))
    }
}
