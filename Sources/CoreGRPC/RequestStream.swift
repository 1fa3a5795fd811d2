// SPDX-License-Identifier: Apache-2.0

/// The requests of a call that has many and one response. Used by one task at a time.
///
/// Dropping it before ``finish()`` cancels the call.
public final class RequestStream<Request: Sendable, Response: Sendable>: Sendable {
    private let call: ClientCall
    private let method: Method<CallKind.ClientStreaming, Request, Response>

    init(_ call: ClientCall, _ method: Method<CallKind.ClientStreaming, Request, Response>) {
        self.call = call
        self.method = method
    }

    deinit {
        call.cancel()
    }

    /// Sends the next request and returns when there is room for another.
    ///
    /// - Returns: false when the server has ended the call and takes no more: ``finish()`` tells how.
    public func send(_ request: Request) async throws -> Bool {
        await call.send(try method.request.encode(request))
    }

    /// Says that no more requests come, and waits for the response.
    ///
    /// - Throws: ``RPCStatus`` when the call does not end with OK.
    public func finish() async throws -> Response {
        await call.sendClose()
        return try await response()
    }

    /// Waits for the response without saying that no more requests come.
    ///
    /// - Throws: ``RPCStatus`` when the call does not end with OK.
    public func response() async throws -> Response {
        try method.response.decodeResponse(try await call.receiveOnly())
    }

    /// Ends the call from this side.
    public func cancel() {
        call.cancel()
    }
}

/// The requests of a call that has many of both. Used by one task at a time.
public struct RequestSender<Request: Sendable>: Sendable {
    private let call: ClientCall
    private let codec: MessageCodec<Request>

    init(_ call: ClientCall, _ codec: MessageCodec<Request>) {
        self.call = call
        self.codec = codec
    }

    /// Sends the next request and returns when there is room for another; false when the server takes no more.
    public func send(_ request: Request) async throws -> Bool {
        await call.send(try codec.encode(request))
    }

    /// Says that no more requests come.
    public func finish() async {
        await call.sendClose()
    }
}
