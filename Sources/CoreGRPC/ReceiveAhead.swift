// SPDX-License-Identifier: Apache-2.0

/// Where the request stands that is received while the handler is busy with the one before it.
///
/// A plain value that decides; `ServerCall` acts on its answers.
struct ReceiveAhead {
    private enum State {
        case idle
        case underWay
        case done(succeeded: Bool)
        case awaited(UnsafeContinuation<Bool, Never>)
    }

    private var state = State.idle

    /// A receive is about to start; true unless one is under way or done already.
    mutating func begin() -> Bool {
        guard case .idle = state else { return false }
        state = .underWay
        return true
    }

    /// The outcome, once; nil if it is not there yet, and `continuation` will get it.
    mutating func take(_ continuation: UnsafeContinuation<Bool, Never>) -> Bool? {
        switch state {
        case .idle, .awaited: preconditionFailure("one task at a time waits for a receive that was begun")
        case .underWay:
            state = .awaited(continuation)
            return nil
        case .done(let succeeded):
            state = .idle
            return succeeded
        }
    }

    /// The receive has ended; returns who waits for it.
    mutating func end(succeeded: Bool) -> UnsafeContinuation<Bool, Never>? {
        guard case .awaited(let continuation) = state else {
            state = .done(succeeded: succeeded)
            return nil
        }
        state = .idle
        return continuation
    }
}
