// SPDX-License-Identifier: Apache-2.0

/// The responses of a call that has many. Used by one task at a time.
///
/// Dropping it before the end cancels the call.
public final class ResponseStream<Response: Sendable>: Sendable {
    private let call: ClientCall
    private let codec: MessageCodec<Response>

    init(_ call: ClientCall, _ codec: MessageCodec<Response>) {
        self.call = call
        self.codec = codec
    }

    deinit {
        call.cancel()
    }

    /// The next response, or nil when the call has ended with OK.
    ///
    /// - Throws: ``RPCStatus`` when the call has ended in any other way.
    public func next() async throws -> Response? {
        try await call.receive().map { try codec.decodeResponse($0) }
    }

    /// Ends the call from this side.
    public func cancel() {
        call.cancel()
    }
}
