// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says on the terminal how far an import is, in one line that is rewritten; and what is wrong, in lines of their own.
final class ImportProgress: Sendable {
    private struct State {
        var blobs = 0
        var bytes = 0
        var shown = ContinuousClock.now
    }

    private static let interval = Duration.milliseconds(200)
    private static let clearLine = "\r\u{1B}[K"

    private let total: Int?
    private let state = Mutex(State())

    /// Progress towards `total` blobs, if it is known how many there are.
    init(total: Int? = nil) {
        self.total = total
    }

    /// One more blob was gone through.
    func did(bytes: Int) {
        guard StandardError.isTerminal else { return }
        let line: String? = state.withLock { state in
            state.blobs += 1
            state.bytes += bytes
            guard .now - state.shown >= Self.interval else { return nil }
            state.shown = .now
            let of = total.map { " of \($0)" } ?? ""
            return "importing: \(state.blobs)\(of) blobs, \(Quantity.bytes(state.bytes))"
        }
        if let line { StandardError.write(Self.clearLine + line) }
    }

    /// Something is wrong, and passed over.
    func report(_ line: String) {
        clear()
        print(line)
    }

    /// Takes the line away.
    func clear() {
        if StandardError.isTerminal { StandardError.write(Self.clearLine) }
    }
}
