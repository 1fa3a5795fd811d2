// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Says of each service whether it can be called, and tells those who watch when that changes (PROTOCOL.md §8).
public final class HealthBoard: Sendable {
    /// How a service is.
    public enum Status: Sendable {
        /// It answers.
        case serving
        /// It exists, and should not be called now.
        case notServing
    }

    /// The board is closed: nothing on it will change any more.
    struct Closed: Error {}

    /// The name that stands for the server as a whole.
    public static let wholeServer = ""

    private let state: Mutex<State>

    /// A board with the server as a whole and `services`, none of them serving yet.
    public init(services: some Sequence<String>) {
        var statuses = Dictionary(services.map { ($0, Status.notServing) }) { first, _ in first }
        statuses[Self.wholeServer] = .notServing
        state = Mutex(State(statuses: statuses))
    }

    /// How `service` is; nil if there is no such service.
    public func status(of service: String) -> Status? {
        state.withLock { $0.statuses[service] }
    }

    /// How every service is.
    public var statuses: [String: Status] {
        state.withLock { $0.statuses }
    }

    /// Sets the status of the server and all services.
    public func setAll(_ status: Status) {
        state.withLock { state in
            for service in state.statuses.keys { state.set(status, for: service) }
        }
    }

    /// Ends all watches, so that they do not hold up a server that stops.
    public func close() {
        let watchers = state.withLock { $0.close() }
        for watcher in watchers { watcher.finish() }
    }

    /// How `service` is, now and after each change; nil while there is no such service. Ends when the board is closed.
    ///
    /// One who is slow to look sees the newest status only.
    func watch(_ service: String) -> AsyncStream<Status?> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Status?.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { $0.add(continuation, watching: service) }
        continuation.onTermination = { [weak self] _ in
            guard let number else { return }
            self?.state.withLock { $0.watchers[number] = nil }
        }
        return stream
    }
}

extension HealthBoard {
    private struct Watcher {
        let service: String
        let continuation: AsyncStream<Status?>.Continuation
    }

    private struct State {
        var statuses: [String: Status]
        var watchers: [Int: Watcher] = [:]
        private var lastNumber = 0
        private var isClosed = false

        init(statuses: [String: Status]) {
            self.statuses = statuses
        }

        mutating func set(_ status: Status, for service: String) {
            guard statuses[service] != status else { return }
            statuses[service] = status
            for watcher in watchers.values where watcher.service == service {
                watcher.continuation.yield(status)
            }
        }

        mutating func add(_ continuation: AsyncStream<Status?>.Continuation, watching service: String) -> Int?
        {
            continuation.yield(statuses[service])
            guard !isClosed else {
                continuation.finish()
                return nil
            }
            lastNumber += 1
            watchers[lastNumber] = Watcher(service: service, continuation: continuation)
            return lastNumber
        }

        mutating func close() -> [AsyncStream<Status?>.Continuation] {
            isClosed = true
            defer { watchers = [:] }
            return watchers.values.map(\.continuation)
        }
    }
}
