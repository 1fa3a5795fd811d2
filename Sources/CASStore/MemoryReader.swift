// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Reads content of a ``MemoryStore``, slice by slice.
final class MemoryReader: BlobReader {
    private var rest: ArraySlice<Bytes>

    private static let longestPiece = 1 << 20

    init(_ content: ByteChain) {
        let pieces = content.slices.flatMap { slice in
            stride(from: 0, to: slice.count, by: Self.longestPiece).map { start in
                slice[start..<min(start + Self.longestPiece, slice.count)]
            }
        }
        rest = pieces[...]
    }

    func next() async throws(StoreError) -> Bytes? {
        rest.popFirst()
    }
}
