// SPDX-License-Identifier: Apache-2.0

/// The requests of a call that has many. Used by one task at a time.
public struct RequestReader<Request: Sendable>: Sendable {
    private let call: ServerCall
    private let codec: MessageCodec<Request>

    init(_ call: ServerCall, _ codec: MessageCodec<Request>) {
        self.call = call
        self.codec = codec
    }

    /// The next request, or nil when the client has said that there are no more.
    ///
    /// - Throws: `CancellationError` when the call is over: cancelled, past its deadline, or the client vanished.
    public func next() async throws -> Request? {
        guard let message = try await call.receive() else { return nil }
        return try codec.decodeRequest(message)
    }
}
