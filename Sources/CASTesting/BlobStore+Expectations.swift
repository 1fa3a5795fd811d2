// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

// What the checks expect of a store, in the words that they use.
extension BlobStore {
    /// Every way to ask finds `blob`, with its content.
    func mustHave(_ blob: WholeBlob) async throws {
        let missing = try await missing(among: [blob.digest])
        try promise(missing.isEmpty, "\(blob.digest) is called missing.")
        let whole = await readWhole([blob.digest])
        try promise(whole.count == 1, "One blob was asked for, \(whole.count) answers came.")
        try promise(try whole[0].get() == blob.content.joined(), "\(blob.digest) reads as other content.")
        try promise(try await read(blob.digest) == blob.content, "\(blob.digest) streams as other content.")
    }

    /// No way to ask finds `digest`.
    func mustLack(_ digest: Digest) async throws {
        let missing = try await missing(among: [digest])
        try promise(missing == [digest], "\(digest) is not called missing.")
        try await mustFail(.notFound, "reading the whole of \(digest)") { () throws(StoreError) in
            _ = try await readWhole([digest])[0].get()
        }
        try await mustFail(.notFound, "opening a reader of \(digest)") { () throws(StoreError) in
            _ = try await reader(of: digest, from: 0)
        }
    }

    /// All bytes that a reader from `offset` hands out.
    func read(_ digest: Digest, from offset: Int = 0) async throws -> ByteChain {
        let reader = try await reader(of: digest, from: offset)
        var content = ByteChain()
        while let piece = try await reader.next() {
            try promise(!piece.isEmpty, "A reader handed out an empty piece.")
            try promise(piece.count <= 1 << 20, "A reader handed out \(piece.count) bytes at once.")
            content.append(piece)
        }
        return content
    }

    /// Stores `blobs`, which must succeed.
    func store(_ blobs: WholeBlob...) async throws {
        let outcomes = await storeWhole(blobs)
        try promise(outcomes.count == blobs.count, "\(blobs.count) blobs had \(outcomes.count) answers.")
        for outcome in outcomes { try outcome.get() }
    }

    /// Uploads `content` as what `key` names, an append for each slice.
    func upload(_ content: ByteChain, as key: UploadKey) async throws(StoreError) {
        let upload = try await openUpload(key, at: 0)
        for slice in content.slices { try await upload.append(ByteChain(slice)) }
        try await upload.finish()
    }

    /// Nothing is kept of the upload, which 0 says as well as nil.
    func mustKeepNothing(of key: UploadKey) async throws {
        let kept = await keptBytes(of: key)
        try promise((kept ?? 0) == 0, "\(kept ?? 0) bytes are kept of an upload of which nothing should be.")
    }

    /// `count` bytes are kept of the upload.
    func mustKeep(_ count: Int, of key: UploadKey) async throws {
        let kept = await keptBytes(of: key)
        try promise(kept == count, "\(kept.map(String.init) ?? "No") bytes are kept, not \(count).")
    }
}

/// `body` fails with `code`.
func mustFail(
    _ code: StoreError.Code, _ deed: @autoclosure () -> String, _ body: () async throws(StoreError) -> Void
) async throws(BrokenPromise) {
    do {
        try await body()
    } catch {
        return try promise(
            error.code == code, "Expected “\(code)” of \(deed()), found “\(error.code)”: \(error)")
    }
    throw BrokenPromise("Expected “\(code)” of \(deed()), but it succeeded.")
}
