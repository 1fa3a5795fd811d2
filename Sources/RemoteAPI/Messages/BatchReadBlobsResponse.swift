// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CoreGRPC

/// Many small blobs, or why one of them is not there.
public struct BatchReadBlobsResponse: WireMessage, Equatable {
    /// One blob, or why it is not there.
    public struct Response: Sendable, Equatable {
        /// The digest as the client wrote it.
        public var digest: DigestClaim
        /// The blob, packed as `compressor` says; empty unless `status` is OK.
        public var data: ByteChain
        /// How it went.
        public var status: RPCStatus
        /// How the blob is packed; nil for a way that this API does not know.
        public var compressor: Compressor?

        /// A response of these parts.
        public init(
            digest: DigestClaim, data: ByteChain = ByteChain(), status: RPCStatus = .ok,
            compressor: Compressor? = .identity
        ) {
            self.digest = digest
            self.data = data
            self.status = status
            self.compressor = compressor
        }
    }

    /// One for each blob of the request, in its order.
    public var responses: [Response]

    /// A response with these parts.
    public init(responses: [Response] = []) {
        self.responses = responses
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        responses = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var responses: [Response] = []
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): responses.append(try Response(&reader))
                default: try reader.skip(tag)
                }
            }
            return responses
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let sizes = responses.map(\.encodedSize)
        let copied = zip(responses, sizes).reduce(0) { sum, entry in
            sum + 16 + entry.1 - entry.0.data.count + entry.0.data.copiedSize
        }
        return WireWriter.write(capacity: copied) { writer in
            for (response, size) in zip(responses, sizes) {
                writer.startDelimited(1, length: size)
                response.write(to: &writer)
            }
        }
    }
}

extension BatchReadBlobsResponse.Response {
    fileprivate init(_ reader: inout WireReader) throws(MalformedValue) {
        self = try reader.message { (reader) throws(MalformedValue) in
            var digest = DigestParts()
            var data = ByteChain()
            var status = EntryStatusParts()
            var compressor: Compressor? = .identity
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): try digest.merge(&reader)
                case (2, .delimited): data = try reader.payload()
                case (3, .delimited): try status.merge(&reader)
                case (4, .varint): compressor = Compressor(wireNumber: try reader.varint())
                default: try reader.skip(tag)
                }
            }
            return Self(
                digest: try digest.claim(nil), data: data, status: status.status, compressor: compressor)
        }
    }

    fileprivate var encodedSize: Int {
        WireSize.digest(digest) + WireSize.payload(data) + WireSize.status(status)
            + WireSize.varint(compressor.wireNumber)
    }

    fileprivate func write(to writer: inout WireWriter) {
        writer.digest(1, digest)
        writer.payload(2, data)
        writer.status(3, status)
        writer.varint(4, compressor.wireNumber)
    }
}
