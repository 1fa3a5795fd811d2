// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel

/// A blob whose content is made again whenever it is sent.
struct BenchBlob: Sendable {
    let digest: Digest
    private let make: @Sendable (_ offset: Int, _ size: Int) -> ByteChain

    /// The blob of the pieces that `make` makes; `make` must give the same bytes every time.
    init(size: Int, _ make: @escaping @Sendable (_ offset: Int, _ size: Int) -> ByteChain) throws {
        self.make = make
        let hasher = try ContentHasher(.sha256)
        for offset in stride(from: 0, to: size, by: BenchContent.pieceSize) {
            hasher.update(make(offset, min(size - offset, BenchContent.pieceSize)))
        }
        digest = hasher.finish()
    }

    /// The piece that begins at `offset`.
    func piece(at offset: Int) -> ByteChain {
        make(offset, min(digest.size - offset, BenchContent.pieceSize))
    }

    /// All of a blob that is not longer than a piece.
    var whole: ByteChain { piece(at: 0) }
}
