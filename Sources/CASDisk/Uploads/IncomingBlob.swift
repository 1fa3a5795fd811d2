// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// A blob that arrives: hashed as it does, a small one kept in the slices it came in, a large one in a file.
///
/// What it occupies is freed with the last reference, unless it became a blob or is parked.
final class IncomingBlob: @unchecked Sendable {
    // Used by one task at a time: it is with the `UploadRegistry`, or with the one opening that took it out.
    let hasher: ContentHasher
    var content: Content

    enum Content {
        case small(ByteChain)
        case large(IncomingObject)
        /// It takes no bytes before it is resumed; without an object, the bytes have to be read again for that.
        case parked(ParkedFiles, IncomingObject?)
    }

    /// An empty one, for the content of `digest`.
    init(_ digest: Digest, largeBlobSize: Int, objects: ObjectFiles, space: SpaceLedger) throws(StoreError) {
        hasher = try Self.hasher(digest.function)
        content =
            digest.size < largeBlobSize
            ? .small(ByteChain())
            : .large(try IncomingObject(size: digest.size, objects: objects, space: space))
    }

    /// One that an earlier process has parked.
    init(_ parked: ParkedFiles) throws(StoreError) {
        hasher = try Self.hasher(parked.description.key.digest.function)
        content = .parked(parked, nil)
    }

    private static func hasher(_ function: DigestFunction) throws(StoreError) -> ContentHasher {
        do {
            return try ContentHasher(function)
        } catch {
            throw StoreError(.mismatch, error.description, cause: error)
        }
    }

    /// How many bytes were taken.
    var receivedBytes: Int { hasher.size }

    /// Takes the next bytes; they do not pass the size.
    ///
    /// When there is no room, all of them are taken nevertheless, and ``rest()`` goes on once there is some;
    /// after another failure it is of no use.
    func append(_ more: ByteChain) throws(StoreError) {
        switch content {
        case .small(var chain):
            content = .small(ByteChain())  // The only reference, so that appending copies no array.
            chain.append(more)
            content = .small(chain)
            hasher.update(more)
        case .large(let object):
            var failure: StoreError?
            for slice in more.slices {
                hasher.update(slice)
                object.take(slice)
                guard failure == nil else { continue }
                do throws(StoreError) { try object.flushIfDue() } catch { failure = error }
            }
            if let failure { throw failure }
        case .parked: preconditionFailure("an upload is resumed before it goes on")
        }
    }

    /// Writes what is in memory only, of a large blob.
    func flush() throws(StoreError) {
        switch content {
        case .small, .parked: return
        case .large(let object): try object.flush()
        }
    }

    /// Ends the content, which must be that of `digest`.
    ///
    /// - Throws: ``StoreError/Code/mismatch`` when it is not.
    func verify(_ digest: Digest) throws(StoreError) {
        let found = hasher.finish()
        guard found == digest else {
            throw StoreError(.mismatch, "Expected content with the digest \(digest), found \(found).")
        }
    }

    /// Stores the content as the blob `digest`, which it was verified to be; may be tried again when there was
    /// no room.
    func store(as digest: Digest, to appender: BlobAppender, unlessIn catalog: BlobCatalog)
        throws(StoreError)
    {
        guard !catalog.touch(digest, at: catalog.clock.now()) else { return }
        switch content {
        case .small(let chain):
            let blob = BlobAppender.SmallBlob(digest, key: IndexKey(of: digest), content: chain)
            for result in try appender.append([blob]) { try result.get() }
        case .large(let object):
            try object.finish(as: digest, to: appender)
        case .parked: preconditionFailure("an upload is resumed before it ends")
        }
    }
}
