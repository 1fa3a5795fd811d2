// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import UnixSignals

/// Ends work cleanly on Ctrl-C and SIGTERM.
enum Interruption {
    /// What a shell reports of a process that SIGINT or SIGTERM ended.
    private static func exitCode(of signal: UnixSignal) -> ExitCode {
        ExitCode(signal == .sigterm ? 143 : 130)
    }

    /// Runs `work`; a signal cancels it, and once it has cleaned up, the process ends. A second signal ends it at once.
    static func cancelling(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let task = Task { try await work() }
        let watcher = Task {
            var first: UnixSignal?
            for await signal in signals {
                if first != nil { Casemate.exit(withError: exitCode(of: signal)) }
                first = signal
                task.cancel()
            }
            return first
        }
        let result = await task.result
        watcher.cancel()
        if let signal = await watcher.value, case .failure = result {
            StandardError.print("casemate: interrupted.")
            throw exitCode(of: signal)
        }
        try result.get()
    }
}
