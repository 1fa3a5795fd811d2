// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// Where in a local tree the content of a blob is, by number.
enum BlobSource: Sendable {
    case file(Int)
    case folder(Int)
}

/// A blob to send.
struct LocalBlob: Sendable {
    let digest: Digest
    let source: BlobSource
}

extension HashedTree {
    /// All blobs of the tree, each once, without the empty one; a directory comes after all that is in it.
    var blobs: [LocalBlob] {
        var seen: Set<Digest> = [.ofNothing]
        var blobs: [LocalBlob] = []
        for (number, digest) in fileDigests.enumerated() where seen.insert(digest).inserted {
            blobs.append(LocalBlob(digest: digest, source: .file(number)))
        }
        for (number, digest) in folderDigests.enumerated().reversed() where seen.insert(digest).inserted {
            blobs.append(LocalBlob(digest: digest, source: .folder(number)))
        }
        return blobs
    }
}
