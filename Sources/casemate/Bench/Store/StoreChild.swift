// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A process of this program that does something to a store and ends.
enum StoreChild {
    /// Puts so many tiny blobs into a new store and closes it.
    case fill(Int)
    /// Opens a store, prints a ``StoreOpening``, and closes it.
    case open
    /// Opens a store, stores a blob, and is killed.
    case abandon

    private var arguments: [String] {
        switch self {
        case .fill(let count): ["fill", "--blobs", "\(count)"]
        case .open: ["open"]
        case .abandon: ["abandon"]
        }
    }

    /// Runs the process for the store in `directory`; returns what it printed.
    @discardableResult
    func run(in directory: String) async throws -> Data {
        try Task.checkCancellation()
        let process = Process()
        // Not a name that could be somebody else's by now.
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = [BenchChild.name] + arguments + [directory]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let child = process.processIdentifier
        let printed = await withTaskCancellationHandler {
            pipe.fileHandleForReading.readDataToEndOfFile()
        } onCancel: {
            kill(child, SIGKILL)
        }
        process.waitUntilExit()
        try Task.checkCancellation()
        guard hasEndedRightly(process) else {
            throw BenchFailure(
                "The process that was to \(arguments[0]) a store ended with \(process.terminationStatus).")
        }
        return printed
    }

    private func hasEndedRightly(_ process: Process) -> Bool {
        switch self {
        case .fill, .open: process.terminationReason == .exit && process.terminationStatus == 0
        case .abandon: process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
        }
    }
}
