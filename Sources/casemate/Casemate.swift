// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The command line: what it is for, and its commands.
struct Casemate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "casemate",
        abstract: "Keeps what builds produce, by content, and moves trees to and from a server.",
        discussion: """
            Exit status: 0 done, 1 failed (one line on standard error says why), 2 wrong usage, 130 interrupted.
            """,
        version: Version.text,
        subcommands: [Serve.self, Push.self, Pull.self, List.self, Bench.self, BenchChild.self, Version.self])
}
