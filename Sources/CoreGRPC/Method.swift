// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Which side of a call sends a stream.
public enum CallKind: Sendable {
    /// One request, one response.
    public enum Unary {}
    /// Many requests, one response.
    public enum ClientStreaming {}
    /// One request, many responses.
    public enum ServerStreaming {}
    /// Many of both.
    public enum Bidirectional {}
}

/// How a type of message becomes bytes and back.
public struct MessageCodec<Message: Sendable>: Sendable {
    /// The message in the bytes; throws when they are none.
    public let decode: @Sendable (ByteChain) throws -> Message
    /// The bytes of the message.
    public let encode: @Sendable (Message) throws -> ByteChain

    /// A codec of two functions that undo each other.
    public init(
        decode: @escaping @Sendable (ByteChain) throws -> Message,
        encode: @escaping @Sendable (Message) throws -> ByteChain
    ) {
        self.decode = decode
        self.encode = encode
    }
}

/// An rpc: its name, its kind, and how its messages travel. `Kind` is one of the types in ``CallKind``.
public struct Method<Kind, Request: Sendable, Response: Sendable>: Sendable {
    /// The full name of the service, as in `google.bytestream.ByteStream`.
    public let service: String
    /// The name within the service.
    public let name: String
    /// How requests travel.
    public let request: MessageCodec<Request>
    /// How responses travel.
    public let response: MessageCodec<Response>

    /// The rpc of these parts.
    public init(
        service: String, name: String, request: MessageCodec<Request>, response: MessageCodec<Response>
    ) {
        self.service = service
        self.name = name
        self.request = request
        self.response = response
    }

    /// The path that names it on the wire.
    public var path: String { "/\(service)/\(name)" }
}
