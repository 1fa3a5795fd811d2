// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CoreGRPC

/// How the storing of many small blobs went.
public struct BatchUpdateBlobsResponse: WireMessage, Equatable {
    /// How the storing of one blob went.
    public struct Response: Sendable, Equatable {
        /// The digest as the client wrote it.
        public var digest: DigestClaim
        /// How it went.
        public var status: RPCStatus

        /// A response of these parts.
        public init(digest: DigestClaim, status: RPCStatus) {
            self.digest = digest
            self.status = status
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
        return WireWriter.write(capacity: sizes.reduce(0) { $0 + WireSize.delimited($1) }) { writer in
            for (response, size) in zip(responses, sizes) {
                writer.startDelimited(1, length: size)
                writer.digest(1, response.digest)
                writer.status(2, response.status)
            }
        }
    }
}

extension BatchUpdateBlobsResponse.Response {
    fileprivate init(_ reader: inout WireReader) throws(MalformedValue) {
        self = try reader.message { (reader) throws(MalformedValue) in
            var digest = DigestParts()
            var status = EntryStatusParts()
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): try digest.merge(&reader)
                case (2, .delimited): try status.merge(&reader)
                default: try reader.skip(tag)
                }
            }
            return Self(digest: try digest.claim(nil), status: status.status)
        }
    }

    fileprivate var encodedSize: Int { WireSize.digest(digest) + WireSize.status(status) }
}
