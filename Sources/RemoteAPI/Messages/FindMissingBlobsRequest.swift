// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// A question which of many blobs are missing.
public struct FindMissingBlobsRequest: WireMessage, Equatable {
    /// The namespace of the client.
    public var instanceName: String
    /// The blobs asked about.
    public var blobDigests: [Digest]
    /// The function of the digests; nil if the client did not say.
    public var digestFunction: DigestFunction?

    /// A request of these parts.
    public init(instanceName: String = "", blobDigests: [Digest] = [], digestFunction: DigestFunction? = nil)
    {
        self.instanceName = instanceName
        self.blobDigests = blobDigests
        self.digestFunction = digestFunction
    }

    /// The request in `bytes`; a malformed digest spoils all of it (PROTOCOL.md F1).
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        let function = try WireReader.digestFunction(in: bytes, field: 3)
        self = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var message = FindMissingBlobsRequest(digestFunction: function)
            message.blobDigests.reserveCapacity(bytes.count / Self.usualDigestSize)
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): message.instanceName = try reader.text()
                case (2, .delimited): message.blobDigests.append(try reader.digest(function))
                default: try reader.skip(tag)
                }
            }
            return message
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let digests = blobDigests.reduce(0) { $0 + WireSize.digest($1) }
        return WireWriter.write(capacity: 16 + instanceName.utf8.count + digests) { writer in
            writer.text(1, instanceName)
            for digest in blobDigests { writer.digest(2, digest) }
            writer.varint(3, digestFunction.wireNumber)
        }
    }

    /// The encoded size of a SHA-256 digest of a blob below 16 KiB, with its tag.
    private static let usualDigestSize = 71
}
