// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// Keeps blobs under their digests.
///
/// A blob is visible whole or not at all, and what is read was checked on the way out. The empty blob is always
/// present. A digest whose hash is known with another size is absent. Everything may be called at any time from any
/// task; two writers of one digest both succeed.
///
/// Conforming types pass `BlobStoreSuite` of CASTesting.
public protocol BlobStore: Sendable {
    /// Those of `digests` that a read would not find, in their order, duplicates included.
    ///
    /// Counts as a use of the others.
    func missing(among digests: [Digest]) async throws(StoreError) -> [Digest]

    /// The whole content of each of `digests`, in their order, of blobs that fit in memory together.
    ///
    /// The caller bounds the sum of the sizes. One that is absent fails alone, with ``StoreError/Code/notFound``.
    func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>]

    /// A reader of the content of `digest` from `offset` to the end. Counts as a use.
    ///
    /// - Throws: ``StoreError/Code/notFound``; ``StoreError/Code/outOfRange`` for an offset below 0 or past the size.
    func reader(of digest: Digest, from offset: Int) async throws(StoreError) -> any BlobReader

    /// Stores blobs that are whole in memory, each after checking that it is what its digest says.
    ///
    /// The results stand in the order of the blobs; one that fails fails alone, with ``StoreError/Code/mismatch`` or
    /// ``StoreError/Code/noSpace``. What succeeded survives the death of the process.
    func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>]

    /// Opens the upload that is known by `key`, new or left unfinished.
    ///
    /// With `offset` 0 it starts anew. An upload that is open under the same key ends with
    /// ``StoreError/Code/superseded``. The digest of the key is of the content as it arrives here: a layer that unpacks
    /// opens an upload of the plain content.
    ///
    /// - Throws: ``StoreError/Code/mismatch`` when `offset` is not the number of bytes kept;
    ///   ``StoreError/Code/noSpace``.
    func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload

    /// How many bytes of the unfinished upload are kept, open or parked; nil if there is none.
    func keptBytes(of key: UploadKey) async -> Int?
}

/// A blob that is whole in memory, under the digest that the caller says it has.
public struct WholeBlob: Sendable {
    /// What the caller says the content is.
    public let digest: Digest
    /// The content, in the slices it arrived in.
    public let content: ByteChain

    /// A blob of these parts.
    public init(_ digest: Digest, _ content: ByteChain) {
        self.digest = digest
        self.content = content
    }
}

/// Reads one blob from front to back. Used by one task at a time; the blob stays readable until the last reference
/// is gone, even when it is evicted meanwhile.
public protocol BlobReader: AnyObject {
    /// The next piece, checked, or nil at the end; pieces are of at most 1 MiB.
    ///
    /// - Throws: ``StoreError/Code/notFound`` when nothing was handed out yet and the stored bytes are wrong;
    ///   ``StoreError/Code/corruption`` when they are found wrong later. The damaged entry is dropped.
    func next() async throws(StoreError) -> Bytes?
}

/// Takes in one blob from front to back. Used by one task at a time.
///
/// Dropping the last reference without ``finish()`` or ``discard()`` parks it, as ``park()`` does.
public protocol BlobUpload: AnyObject {
    /// How many bytes have been taken, with those of earlier openings.
    var receivedBytes: Int { get }

    /// Takes the next bytes.
    ///
    /// - Throws: ``StoreError/Code/mismatch`` at once when they pass the size of the digest, after which nothing is
    ///   kept; ``StoreError/Code/superseded`` when a newer opening took over; ``StoreError/Code/noSpace``.
    func append(_ content: ByteChain) async throws(StoreError)

    /// Ends the upload: checks the content and makes the blob visible.
    ///
    /// - Throws: ``StoreError/Code/mismatch`` when it is too short or has another hash, after which nothing is kept;
    ///   ``StoreError/Code/superseded``; ``StoreError/Code/noSpace``.
    func finish() async throws(StoreError)

    /// Stops for now: what was taken is kept, within bounds, for an opening under the same key.
    func park() async

    /// Stops for good: nothing is kept.
    func discard() async
}
