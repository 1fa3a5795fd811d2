// SPDX-License-Identifier: Apache-2.0

/// What BuildStream says at its end of a queue of jobs: «Push Queue: processed 3, skipped 1, failed 0».
struct QueueSummary: Equatable, Sendable {
    /// Artifacts that were transferred.
    var processed = 0

    /// Artifacts that were on the other side already, or on neither.
    var skipped = 0

    /// Artifacts whose transfer failed.
    var failed = 0

    /// A summary to expect.
    init(processed: Int = 0, skipped: Int = 0, failed: Int = 0) {
        self.processed = processed
        self.skipped = skipped
        self.failed = failed
    }

    /// Reads the summary of the queue with that name (`Push`, `Pull`) from what a command printed.
    init(of queue: String, in result: CommandResult) throws {
        let line = result.output.split(separator: "\n").last { $0.contains("\(queue) Queue:") }
        let numbers = line?.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) } ?? []
        guard numbers.count == 3 else {
            throw ChildProcessError(
                "\(result.command) ended with \(result.status) and no summary of a \(queue) queue. "
                    + "It printed:\n\(result.output)")
        }
        self.init(processed: numbers[0], skipped: numbers[1], failed: numbers[2])
    }
}
