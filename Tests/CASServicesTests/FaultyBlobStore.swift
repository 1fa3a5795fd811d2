// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Synchronization

/// A store in which things go wrong as told; counts how many directories and blobs it is asked for.
final class FaultyBlobStore: BlobStore {
    private let base: any BlobStore
    private let failure: StoreError?
    /// After how many pieces a reader fails.
    private let piecesBeforeFailure: Int
    let wholeReads = Atomic<Int>(0)

    init(_ base: any BlobStore, failingWith failure: StoreError? = nil, afterPieces pieces: Int = 0) {
        self.base = base
        self.failure = failure
        piecesBeforeFailure = pieces
    }

    func missing(among digests: [Digest]) async throws(StoreError) -> [Digest] {
        try await base.missing(among: digests)
    }

    func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>] {
        wholeReads.add(digests.count, ordering: .relaxed)
        if let failure { return digests.map { _ in .failure(failure) } }
        return await base.readWhole(digests)
    }

    func reader(of digest: Digest, from offset: Int) async throws(StoreError) -> any BlobReader {
        let reader = try await base.reader(of: digest, from: offset)
        return failure.map { FaultyReader(reader, $0, after: piecesBeforeFailure) } ?? reader
    }

    func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>] {
        if let failure { return blobs.map { _ in .failure(failure) } }
        return await base.storeWhole(blobs)
    }

    func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload {
        if let failure { throw failure }
        return try await base.openUpload(key, at: offset)
    }

    func keptBytes(of key: UploadKey) async -> Int? {
        await base.keptBytes(of: key)
    }
}

private final class FaultyReader: BlobReader {
    private let base: any BlobReader
    private let failure: StoreError
    private var piecesLeft: Int

    init(_ base: any BlobReader, _ failure: StoreError, after pieces: Int) {
        self.base = base
        self.failure = failure
        piecesLeft = pieces
    }

    func next() async throws(StoreError) -> Bytes? {
        guard piecesLeft > 0 else { throw failure }
        piecesLeft -= 1
        return try await base.next()
    }
}
