// SPDX-License-Identifier: Apache-2.0

internal import CoreGRPC

extension Remote {
    /// Calls an rpc of one request and one response that moves about `byteCount` bytes of blobs.
    ///
    /// - Throws: `RPCStatus` of the last attempt.
    func call<Request, Response>(
        _ method: Method<CallKind.Unary, Request, Response>, _ request: Request, moving byteCount: Int = 0
    ) async throws -> Response {
        try await configuration.retries.retrying {
            try await channel.call(method, request, options(moving: byteCount))
        }
    }

    /// A time limit for a call that moves `byteCount` bytes.
    func options(moving byteCount: Int) -> CallOptions {
        let transfer = Duration.seconds(byteCount / configuration.slowestTransfer)
        return CallOptions(timeout: configuration.callTimeout + transfer)
    }
}

extension RetryPolicy {
    /// Runs `body`, again after a wait if the server is unavailable; `body` must bear repetition.
    ///
    /// - Throws: what the last attempt threw; `CancellationError` when the task is cancelled.
    func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var random = SystemRandomNumberGenerator()
        var attempt = 0
        while true {
            attempt += 1
            try Task.checkCancellation()
            do {
                return try await body()
            } catch let status as RPCStatus where status.code == .unavailable {
                guard let delay = delay(after: attempt, using: &random) else { throw status }
                try await Task.sleep(for: delay)
            }
        }
    }
}
