// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// What happened in a history, with what the store logged, for who looks into a failure.
final class HistoryTrace: LogHandler, Sendable {
    private let gathered = Mutex<[String]>([])

    var lines: [String] { gathered.withLock { $0 } }

    /// The lines without those of the store's log, which names durations.
    var steps: [String] { lines.filter { !$0.hasPrefix(Self.logIndent) } }

    private static let logIndent = "  "

    func note(_ line: String) {
        gathered.withLock { $0.append(line) }
    }

    // MARK: What a logger asks of its handler

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        note("\(Self.logIndent)\(event.level): \(event.message) \(event.metadata ?? [:])")
    }
}
