// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What `casemate` says of itself, and of command lines that are wrong.
@Suite(.timeLimit(.minutes(5))) struct UsageTests {
    private struct Dump: Decodable {
        struct Command: Decodable {
            var commandName: String
            var abstract: String?
            var shouldDisplay: Bool?
            var subcommands: [Command]?
            var arguments: [Argument]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var kind: String
            var valueName: String?
            var abstract: String?
            var discussion: String?
            var names: [Name]?
        }
        var command: Command
    }

    private func casemate(_ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run(arguments, in: FileManager.default.temporaryDirectory)
    }

    @Test func `--help of each command explains every option and argument`() async throws {
        let dumped = try await casemate("--experimental-dump-help").succeeded()
        let root = try JSONDecoder().decode(Dump.self, from: Data(dumped.utf8)).command
        let commands = try #require(root.subcommands).filter {
            $0.commandName != "help" && $0.shouldDisplay != false
        }
        #expect(Set(commands.map(\.commandName)).isSuperset(of: ["serve", "push", "pull", "ls", "version"]))
        let overview = try await casemate("--help").succeeded()
        for command in commands {
            #expect(overview.contains("  \(command.commandName) "))
            let help = try await casemate(command.commandName, "--help").succeeded()
            #expect(help.contains("casemate \(command.commandName)"))
            for argument in command.arguments ?? [] {
                let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
                for name in argument.kind == "positional" ? ["<\(argument.valueName ?? "")>"] : names {
                    #expect(help.contains(name), "\(command.commandName)")
                    #expect((argument.abstract ?? "") != "", "\(command.commandName) \(name)")
                }
            }
        }
    }

    @Test func `the fixed options are there`() async throws {
        let help = try await casemate("serve", "--help").succeeded()
        for option in [
            "--root", "--listen", "--push", "--no-push", "--max-size", "--address-file", "--ephemeral",
            "--min-free", "--min-age", "--durability", "--scrub-rate",
        ] {
            #expect(help.contains(option))
        }
        for command in ["push", "pull", "ls"] {
            let help = try await casemate(command, "--help").succeeded()
            for option in ["--remote", "--instance"] { #expect(help.contains(option)) }
        }
    }

    @Test func `version prints name and version`() async throws {
        let version = try await casemate("version").succeeded()
        #expect(version.wholeMatch(of: /casemate \d+\.\d+\.\d+\n/) != nil)
        #expect(try await "casemate " + casemate("--version").succeeded() == version)
    }

    @Test func `a wrong command line ends with 2 and says what is wrong with it`() async throws {
        let remote = "--remote=grpc://127.0.0.1:1"
        try await casemate("frobnicate").refused(saying: "'frobnicate'")
        for command in ["push", "pull", "ls"] {
            try await casemate(command, remote, "--frobnicate", "a", "b").refused(saying: "--frobnicate")
            try await casemate(command, remote).refused(saying: "Missing expected argument")
            try await casemate(command, "a", "b").refused(saying: "--remote", "CASEMATE_REMOTE")
            try await casemate(command, "--remote", "http://host:1", "a", "b").refused(
                saying: "grpc://", "http")
            try await casemate(command, "--remote", "grpc://host", "a", "b").refused(saying: "no port")
            try await casemate(command, "--remote", "grpc://h:99999", "a", "b").refused(saying: "65535")
            try await casemate(command, "--remote").refused(saying: "Missing value", "--remote")
            try await casemate(command, remote, "--instance", "a//b", "a", "b").refused(saying: "“a//b”")
        }
        try await casemate("push", remote, "dir").refused(saying: "<ref>")
        try await casemate("push", remote, "dir", "../up").refused(saying: "“../up”")
        try await casemate("push", remote, "dir", "").refused()
        try await casemate("pull", remote, "/absolute", "dir").refused(saying: "“/absolute”")
        try await casemate("pull", remote, "ref", "dir", "extra").refused(saying: "'extra'")
    }

    @Test func `serve refuses what it cannot mean`() async throws {
        let folder = try TemporaryFolder()
        func serve(_ arguments: String...) async throws -> CasemateCommand {
            try await CasemateCommand.run(["serve"] + arguments, in: folder.url)
        }
        try await serve("--frobnicate").refused(saying: "--frobnicate")
        try await serve("extra").refused(saying: "'extra'")
        try await serve("--ephemeral", "--root", "store").refused(saying: "--ephemeral", "--root")
        try await serve("--root", "").refused(saying: "--root")
        for size in ["0", "-1", "many", "5Q", "1.5G", "99999999999T", ""] {
            try await serve("--root", "store", "--max-size=\(size)").refused(saying: "--max-size")
            try await serve("--root", "store", "--min-free=\(size)").refused(saying: "--min-free")
        }
        for time in ["-1s", "1", "s", "1.5h", "1w", "99999999999999999d", ""] {
            try await serve("--root", "store", "--min-age=\(time)").refused(saying: "--min-age")
        }
        try await serve("--durability", "mostly").refused(saying: "--durability", "mostly", "reference")
        try await serve("--scrub-rate", "fast").refused(saying: "--scrub-rate", "fast")
        for address in ["nonsense", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1", ":0", ""] {
            try await serve("--root", "store", "--listen", address).refused(saying: "--listen", "HOST:PORT")
        }
        #expect(try FolderSnapshot(of: folder.url).paths == [], "A wrong command line makes no store.")
    }
}
