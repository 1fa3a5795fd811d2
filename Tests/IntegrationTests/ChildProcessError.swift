// SPDX-License-Identifier: Apache-2.0

/// A child process that could not be started, ended wrongly or did not end in time.
struct ChildProcessError: Error, CustomStringConvertible {
    /// What was expected and what was found.
    let description: String

    /// An error that says this.
    init(_ description: String) {
        self.description = description
    }
}
