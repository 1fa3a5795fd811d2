// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CASStore

extension DiskStore: BlobStore {
    /// Those of `digests` that the index does not have; nothing is read from the disk.
    public func missing(among digests: [Digest]) async throws(StoreError) -> [Digest] {
        let now = catalog.clock.now()
        return digests.filter { !catalog.touch($0, at: now) }
    }

    /// The whole content of each of `digests`, read with one call each and checked.
    public func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>] {
        digests.map { digest in
            Result { () throws(StoreError) in try catalog.readWhole(digest) }
        }
    }

    /// A reader of the content of `digest`; a small blob is read at once, a large one a block at a time.
    public func reader(of digest: Digest, from offset: Int) async throws(StoreError) -> any BlobReader {
        guard offset >= 0, offset <= digest.size else {
            throw StoreError(.outOfRange, "Offset \(offset) is outside of \(digest).")
        }
        guard !digest.isOfEmptyBlob else { return PieceReader(Bytes()) }
        return try catalog.read(digest) { (entry) throws(ReadFailure) -> any BlobReader in
            switch entry.kind {
            case .blob:
                let content = try catalog.content(of: entry)
                return PieceReader(content[offset..<content.count])
            case .object:
                return ObjectReader(try ObjectContent(of: entry, in: catalog), in: catalog, from: offset)
            }
        }
    }

    /// Stores `blobs`; the small ones that are right and new go to the disk with one write.
    public func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>] {
        var batch = StoreBatch(blobs, in: self)
        batch.run()
        var tries = 1
        while let shortage = batch.shortage, await room.makeRoom(for: 0, after: shortage, tries: tries) {
            batch.runAgain()
            tries += 1
        }
        do throws(StoreError) {
            try await commits.settleBlobs()
            return batch.results
        } catch {
            return batch.results.map { result in result.flatMap { .failure(error) } }
        }
    }

    /// Opens the upload of `key`; a small blob is kept in memory, a large one in a file under `uploads/`.
    public func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload {
        try uploads.open(key, at: offset)
    }

    /// How many bytes of the unfinished upload are kept.
    public func keptBytes(of key: UploadKey) async -> Int? {
        uploads.keptBytes(of: key)
    }
}
