// SPDX-License-Identifier: Apache-2.0

/// What became of a command that ran to its end.
struct CommandResult: Sendable {
    /// The executable and its arguments.
    let command: String

    /// How it ended.
    let status: ExitStatus

    /// What it printed on standard output and standard error.
    let output: String

    /// Throws what the command printed unless it exited with 0.
    @discardableResult
    func succeeded() throws -> CommandResult {
        guard status == .exited(0) else {
            throw ChildProcessError("\(command) ended with \(status), not 0. It printed:\n\(output)")
        }
        return self
    }
}
