// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `casemate version`
struct Version: AsyncParsableCommand {
    /// The version of this program.
    static let text = "0.1.0"

    static let configuration = CommandConfiguration(
        abstract: "Print the version.",
        discussion: """
            Example:

              casemate version
            """)

    func run() async throws {
        print("casemate \(Self.text)")
    }
}
