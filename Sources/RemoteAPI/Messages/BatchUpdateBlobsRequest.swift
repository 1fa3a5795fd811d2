// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// Many small blobs to store.
public struct BatchUpdateBlobsRequest: WireMessage, Equatable {
    /// One blob to store.
    public struct Request: Sendable, Equatable {
        /// What the client says the blob is.
        public var digest: DigestClaim
        /// The blob, packed as `compressor` says.
        public var data: ByteChain
        /// How it is packed; nil for a way that this API does not know.
        public var compressor: Compressor?

        /// A request of these parts.
        public init(digest: DigestClaim, data: ByteChain, compressor: Compressor? = .identity) {
            self.digest = digest
            self.data = data
            self.compressor = compressor
        }
    }

    /// The namespace of the client.
    public var instanceName: String
    /// The blobs.
    public var requests: [Request]
    /// The function of the digests; nil if the client did not say.
    public var digestFunction: DigestFunction?

    /// A request of these parts.
    public init(instanceName: String = "", requests: [Request] = [], digestFunction: DigestFunction? = nil) {
        self.instanceName = instanceName
        self.requests = requests
        self.digestFunction = digestFunction
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        let function = try WireReader.digestFunction(in: bytes, field: 5)
        self = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var message = BatchUpdateBlobsRequest(digestFunction: function)
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): message.instanceName = try reader.text()
                case (2, .delimited): message.requests.append(try Request(&reader, function))
                default: try reader.skip(tag)
                }
            }
            return message
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let sizes = requests.map(\.encodedSize)
        let copied = requests.reduce(0) { $0 + 120 + WireSize.digest($1.digest) + $1.data.copiedSize }
        return WireWriter.write(capacity: 16 + instanceName.utf8.count + copied) { writer in
            writer.text(1, instanceName)
            for (request, size) in zip(requests, sizes) {
                writer.startDelimited(2, length: size)
                request.write(to: &writer)
            }
            writer.varint(5, digestFunction.wireNumber)
        }
    }
}

extension BatchUpdateBlobsRequest.Request {
    fileprivate init(_ reader: inout WireReader, _ function: DigestFunction?) throws(MalformedValue) {
        self = try reader.message { (reader) throws(MalformedValue) in
            var digest = DigestParts()
            var data = ByteChain()
            var compressor: Compressor? = .identity
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): try digest.merge(&reader)
                case (2, .delimited): data = try reader.payload()
                case (3, .varint): compressor = Compressor(wireNumber: try reader.varint())
                default: try reader.skip(tag)
                }
            }
            return Self(digest: try digest.claim(function), data: data, compressor: compressor)
        }
    }

    fileprivate var encodedSize: Int {
        WireSize.digest(digest) + WireSize.payload(data) + WireSize.varint(compressor.wireNumber)
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.digest(1, digest)
        writer.payload(2, data)
        writer.varint(3, compressor.wireNumber)
    }
}
