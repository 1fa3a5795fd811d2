// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASStore

/// Reads a large blob, a block at a time.
final class ObjectReader: BlobReader {
    private let content: ObjectContent
    private let catalog: BlobCatalog
    private var offset: Int
    private var hasHandedOut = false

    init(_ content: ObjectContent, in catalog: BlobCatalog, from offset: Int) {
        self.content = content
        self.catalog = catalog
        self.offset = offset
    }

    func next() async throws(StoreError) -> Bytes? {
        guard offset < content.size else { return nil }
        let number = offset / BlobCatalog.blockSize
        let block = try block(number)
        let piece = block[(offset - number * BlobCatalog.blockSize)..<block.count]
        offset += piece.count
        hasHandedOut = true
        return piece
    }

    private func block(_ number: Int) throws(StoreError) -> Bytes {
        do {
            return try content.block(number)
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .damaged(let what):
                catalog.drop(content.entry, because: what)
                throw hasHandedOut
                    ? StoreError(.corruption, "The stored blob is damaged from byte \(offset) on.")
                    : StoreError(.notFound, "The blob was damaged and is not here any more.")
            }
        }
    }
}

/// Hands out one piece that is in memory already.
final class PieceReader: BlobReader {
    private var piece: Bytes?

    init(_ piece: Bytes) {
        self.piece = piece.isEmpty ? nil : piece
    }

    func next() async throws(StoreError) -> Bytes? {
        defer { piece = nil }
        return piece
    }
}
