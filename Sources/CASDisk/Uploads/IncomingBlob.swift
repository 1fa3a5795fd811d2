// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// A blob that arrives: hashed as it does, a small one kept in the slices it came in, a large one in a file.
///
/// What it occupies is freed with the last reference, unless it became a blob.
final class IncomingBlob: @unchecked Sendable {
    // Used by one task at a time: it is with the `UploadRegistry`, or with the one opening that took it out.
    private let hasher: ContentHasher
    private var content: Content

    private enum Content {
        case small(ByteChain)
        case large(IncomingObject)
    }

    /// An empty one, for the content of `digest`.
    init(_ digest: Digest, largeBlobSize: Int, objects: ObjectFiles, space: SpaceLedger) throws(StoreError) {
        do {
            hasher = try ContentHasher(digest.function)
        } catch {
            throw StoreError(.mismatch, error.description, cause: error)
        }
        content =
            digest.size < largeBlobSize
            ? .small(ByteChain())
            : .large(try IncomingObject(size: digest.size, objects: objects, space: space))
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
        }
    }

    /// Gives to memory's owners what need not be kept in memory.
    func rest() throws(StoreError) {
        switch content {
        case .small(let chain): content = .small(chain.unshared())
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
        }
    }
}

extension ByteChain {
    /// The same bytes in memory of their own, so that a short slice does not keep a long message alive.
    fileprivate func unshared() -> ByteChain {
        guard !isEmpty else { return self }
        return ByteChain(
            Bytes(capacity: count) { room in
                var at = 0
                for slice in slices {
                    slice.withUnsafeBytes {
                        UnsafeMutableRawBufferPointer(rebasing: room[at...]).copyMemory(from: $0)
                    }
                    at += slice.count
                }
                return at
            })
    }
}
