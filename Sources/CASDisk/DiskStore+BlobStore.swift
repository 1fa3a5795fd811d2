// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CASStore

extension DiskStore: BlobStore {
    public func missing(among digests: [Digest]) async throws(StoreError) -> [Digest] {
        let now = catalog.clock.now()
        return digests.filter { !catalog.touch($0, at: now) }
    }

    public func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>] {
        digests.map { digest in
            Result { () throws(StoreError) in try catalog.readWhole(digest) }
        }
    }

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

    public func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>] {
        var batch = StoreBatch(blobs, in: self)
        batch.run()
        return batch.results
    }

    public func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload {
        try uploads.open(key, at: offset)
    }

    public func keptBytes(of key: UploadKey) async -> Int? {
        uploads.keptBytes(of: key)
    }
}
