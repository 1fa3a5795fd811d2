// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Synchronization

/// The calls of a server: asks the core for new ones, counts them, and turns what their handlers throw into a status.
final class ServerCalls: Sendable {
    /// Names the status that an error stands for; nil for an error that no handler should throw.
    typealias StatusMapping = @Sendable (any Error) -> RPCStatus?

    private let mapStatus: StatusMapping
    private let report: @Sendable (Server.UnexpectedError) -> Void
    private let running = Mutex(Running())
    private let failures = Atomic<Int>(0)

    init(
        mapStatus: @escaping StatusMapping, report: @escaping @Sendable (Server.UnexpectedError) -> Void
    ) {
        self.mapStatus = mapStatus
        self.report = report
    }

    /// How many calls have arrived and not ended.
    var count: Int { running.withLock { $0.count } }

    func arrived() {
        running.withLock { $0.count += 1 }
    }

    func ended() {
        running.withLock { $0.end() }?.resume()
    }

    /// Returns when no call is left; for one waiter, after which no call arrives.
    func untilNoneIsLeft() async {
        await withUnsafeContinuation { continuation in
            if running.withLock({ $0.wait(continuation) }) { continuation.resume() }
        }
    }

    /// The status that `error` ends a call with.
    ///
    /// One that nobody expected is reported with a number, and the client is told the number and nothing else.
    func status(for error: any Error, in call: ServerCall) -> RPCStatus {
        if let status = error as? RPCStatus { return status }
        if let status = mapStatus(error) { return status }
        if error is CancellationError { return RPCStatus(.cancelled, "The call was cancelled.") }
        let number = failures.add(1, ordering: .relaxed).newValue
        report(Server.UnexpectedError(number: number, path: call.path, error: error))
        return RPCStatus(.internal, "Internal error \(number); the server's log says more.")
    }
}

/// The calls under way, and who waits for their end.
private struct Running {
    var count = 0
    private var waiter: UnsafeContinuation<Void, Never>?

    /// A call has ended; returns the waiter if it was the last one.
    mutating func end() -> UnsafeContinuation<Void, Never>? {
        count -= 1
        guard count == 0 else { return nil }
        defer { waiter = nil }
        return waiter
    }

    /// True if there is nothing to wait for.
    mutating func wait(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
        guard count > 0 else { return true }
        waiter = continuation
        return false
    }
}
