// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// The blobs that are missing.
public struct FindMissingBlobsResponse: WireMessage, Equatable {
    /// Those of the request that a read would not find.
    public var missingBlobDigests: [Digest]

    /// A response with these digests.
    public init(missingBlobDigests: [Digest] = []) {
        self.missingBlobDigests = missingBlobDigests
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        missingBlobDigests = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var digests: [Digest] = []
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (2, .delimited): digests.append(try reader.digest(nil))
                default: try reader.skip(tag)
                }
            }
            return digests
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        WireWriter.write(capacity: missingBlobDigests.reduce(0) { $0 + WireSize.digest($1) }) { writer in
            for digest in missingBlobDigests { writer.digest(2, digest) }
        }
    }
}
