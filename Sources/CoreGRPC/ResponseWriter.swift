// SPDX-License-Identifier: Apache-2.0

/// The responses of a call that has many. Used by one task at a time.
public struct ResponseWriter<Response: Sendable>: Sendable {
    private let call: ServerCall
    private let codec: MessageCodec<Response>

    init(_ call: ServerCall, _ codec: MessageCodec<Response>) {
        self.call = call
        self.codec = codec
    }

    /// Sends the next response; returns when the connection has room for another.
    ///
    /// - Throws: `CancellationError` when the call is over: cancelled, past its deadline, or the client vanished.
    public func send(_ response: Response) async throws {
        try await call.send(try codec.encode(response))
    }
}
