// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A run of `casemate` that has ended: how, and what it printed where.
struct CasemateCommand: Sendable {
    /// No command of these tests takes as long, even with a sanitizer.
    private static let limit = Duration.seconds(120)

    /// What it was run with.
    let arguments: [String]

    /// How it ended.
    let status: ExitStatus

    /// What it printed on standard output.
    let output: String

    /// What it printed on standard error.
    let errors: String

    /// Runs `casemate` in a folder to its end; `settings` are added to the environment.
    static func run(
        _ arguments: [String], in folder: URL, settings: [String: String] = [:]
    ) async throws -> CasemateCommand {
        let prints = FileManager.default.temporaryDirectory.appending(path: "casemate-\(UUID().uuidString)")
        let (output, errors) = (prints.appendingPathExtension("out"), prints.appendingPathExtension("err"))
        defer {
            // A command that could not be started has printed nothing.
            for file in [output, errors] { try? FileManager.default.removeItem(at: file) }
        }
        var environment = ProcessInfo.processInfo.environment
        environment["CASEMATE_REMOTE"] = nil
        let process = try ChildProcess(
            try CasemateProcess.executable(), arguments, environment: environment.merging(settings) { $1 },
            folder: folder, output: output, errors: errors)
        let status = try await process.exit(within: limit)
        return CasemateCommand(
            arguments: arguments, status: status, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    /// Expects an end with 0 and nothing on standard error; returns what was printed.
    @discardableResult
    func succeeded(sourceLocation: SourceLocation = #_sourceLocation) -> String {
        #expect(status == .exited(0), "\(self)", sourceLocation: sourceLocation)
        #expect(errors == "", "\(self)", sourceLocation: sourceLocation)
        return output
    }

    /// Expects an end with 1 and one line on standard error that holds each of `words`.
    func failed(saying words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == .exited(1), "\(self)", sourceLocation: sourceLocation)
        #expect(output == "", "\(self)", sourceLocation: sourceLocation)
        expectLine(sourceLocation)
        expect(words, sourceLocation)
    }

    /// Expects an end with 2, as of a wrong command line, and an explanation that holds each of `words`.
    func refused(saying words: String..., sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == .exited(2), "\(self)", sourceLocation: sourceLocation)
        #expect(output == "", "\(self)", sourceLocation: sourceLocation)
        #expect(errors.hasPrefix("casemate: "), "\(self)", sourceLocation: sourceLocation)
        expect(words, sourceLocation)
    }

    /// One sentence for people: no dump of an error, no word twice, nothing of the core's own.
    private func expectLine(_ sourceLocation: SourceLocation) {
        let isLine = errors.hasSuffix("\n") && errors.count { $0 == "\n" } == 1
        #expect(isLine && errors.hasPrefix("casemate: "), "\(self)", sourceLocation: sourceLocation)
        for noise in ["Error(", "Error Domain", "Optional(", "UserInfo", "(No such", "(Not a ", "(Is a "] {
            #expect(!errors.contains(noise), "\(self)", sourceLocation: sourceLocation)
        }
    }

    private func expect(_ words: [String], _ sourceLocation: SourceLocation) {
        for word in words {
            #expect(errors.contains(word), "“\(word)” is missing. \(self)", sourceLocation: sourceLocation)
        }
    }
}

extension CasemateCommand: CustomStringConvertible {
    var description: String {
        "casemate \(arguments.joined(separator: " ")) ended with \(status).\nOutput: \(output)\nErrors: \(errors)"
    }
}
