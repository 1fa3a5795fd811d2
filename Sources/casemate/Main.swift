// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Runs the command line and decides how the process ends: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
@main
enum Main {
    /// A wrong command line; ArgumentParser's own number for it is 64.
    private static let wrongUsage: Int32 = 2

    static func main() async {
        HeapSettings.apply()
        do {
            var command = try Casemate.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch Casemate.exitCode(for: error) {
        case .success:
            Casemate.exit(withError: error)
        case .validationFailure:
            StandardError.print(Casemate.fullMessage(for: error))
            Casemate.exit(withError: ExitCode(wrongUsage))
        case let code:
            if !(error is ExitCode) { StandardError.print("casemate: \(error)") }
            Casemate.exit(withError: code)
        }
    }
}
