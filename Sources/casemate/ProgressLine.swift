// SPDX-License-Identifier: Apache-2.0

import CASClient

/// One line on the terminal that says how far a transfer is, rewritten in place; nothing if there is no terminal.
struct ProgressLine {
    /// What takes less is over before anybody reads it.
    private static let firstDelay = Duration.seconds(1)
    private static let interval = Duration.milliseconds(200)
    private static let clearLine = "\r\u{1B}[K"

    private let verb: String
    private var phase = TransferProgress.Phase.listing
    private var phaseStart = ContinuousClock.now

    /// Runs `work` and shows how far it is; `verb` says what it does, as in “pushing”.
    static func showing<Result: Sendable>(
        _ verb: String, _ work: @escaping @Sendable (TransferProgress) async throws -> Result
    ) async throws -> Result {
        let progress = TransferProgress()
        guard StandardError.isTerminal else { return try await work(progress) }
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work(progress) }
            group.addTask {
                var line = ProgressLine(verb: verb)
                for try await snapshot in progress.snapshots(every: interval) {
                    line.show(snapshot, silently: .now - start < firstDelay)
                }
                return nil
            }
            defer { StandardError.write(clearLine) }
            defer { group.cancelAll() }
            guard let result = try await group.next().flatMap({ $0 }) else {
                throw CancellationError()
            }
            return result
        }
    }

    private init(verb: String) {
        self.verb = verb
    }

    private mutating func show(_ snapshot: TransferProgress.Snapshot, silently: Bool) {
        if snapshot.phase != phase {
            phase = snapshot.phase
            phaseStart = .now
        }
        if !silently { StandardError.write(Self.clearLine + text(snapshot)) }
    }

    private func text(_ snapshot: TransferProgress.Snapshot) -> String {
        let doing: String
        switch snapshot.phase {
        case .listing: return "\(verb): listing the tree"
        case .hashing: doing = "hashing"
        case .transferring: doing = verb
        }
        let files = "\(snapshot.filesDone) of \(Quantity.counted(snapshot.filesTotal, "file"))"
        let bytes = "\(Quantity.bytes(snapshot.bytesDone)) of \(Quantity.bytes(snapshot.bytesTotal))"
        return "\(doing): \(files), \(bytes)\(rate(snapshot))"
    }

    private func rate(_ snapshot: TransferProgress.Snapshot) -> String {
        let milliseconds = Int((ContinuousClock.now - phaseStart) / .milliseconds(1))
        guard milliseconds > 0, snapshot.bytesDone > 0 else { return "" }
        return ", \(Quantity.bytes(snapshot.bytesDone * 1000 / milliseconds))/s"
    }
}
