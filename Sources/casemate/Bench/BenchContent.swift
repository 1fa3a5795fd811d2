// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import Synchronization

/// Makes blobs that no server has seen before, at next to no cost: one pseudo-random block, shared by all pieces of
/// all blobs, behind a stamp that no other piece has.
final class BenchContent: Sendable {
    /// The size of the pieces that blobs are sent in, in bytes.
    static let pieceSize = 1 << 20

    /// Made once per run, so that a run never meets what an earlier one left.
    private let nonce: (UInt64, UInt64)
    private let block: Bytes
    private let nextBlob = Atomic<UInt64>(0)

    init() {
        var random = SystemRandomNumberGenerator()
        nonce = (random.next(), random.next())
        block = Bytes(capacity: Self.pieceSize) { room in
            for word in room.bindMemory(to: UInt64.self).indices {
                room.storeBytes(of: random.next(), toByteOffset: word * 8, as: UInt64.self)
            }
            return Self.pieceSize
        }
    }

    /// A new blob of `size` bytes, its digest computed.
    func blob(size: Int) throws -> BenchBlob {
        let (_, number) = nextBlob.add(1, ordering: .relaxed)
        return try BenchBlob(size: size) { self.piece(of: number, at: $0, size: $1) }
    }

    private func piece(of blob: UInt64, at offset: Int, size: Int) -> ByteChain {
        var words = (nonce.0, nonce.1, blob, UInt64(offset))
        let stamp = withUnsafeBytes(of: &words) { Bytes(copying: $0) }
        guard size > stamp.count else { return ByteChain(stamp[0..<size]) }
        return ByteChain([stamp, block[stamp.count..<size]])
    }
}
