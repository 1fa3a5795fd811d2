// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The real server, as a child process on a free port of 127.0.0.1. It never outlives this value.
final class CasemateProcess: Sendable {
    /// How long a start and a stop may take, with room for a sanitizer's slowness.
    private static let limit = Duration.seconds(60)

    /// Where it listens, as `host:port`.
    let address: String

    private let process: ChildProcess

    /// Its process id.
    var identifier: Int32 { process.identifier }

    private init(address: String, process: ChildProcess) {
        self.address = address
        self.process = process
    }

    /// Starts `casemate serve` on a store and returns when it is ready. What it prints is appended to `log`.
    static func start(root: URL, log: URL, arguments: [String] = []) async throws -> CasemateProcess {
        let addressFile = log.deletingLastPathComponent().appending(path: "address-\(UUID().uuidString)")
        let fixed = [
            "serve", "--root", root.path, "--listen", "127.0.0.1:0", "--address-file", addressFile.path,
        ]
        let process = try ChildProcess(
            try executable(), fixed + arguments, folder: log.deletingLastPathComponent(), output: log)
        let address = try await firstLine(of: addressFile, writtenBy: process)
        return CasemateProcess(address: address, process: process)
    }

    /// Asks it to end with SIGTERM and returns how it ended.
    func stop() async throws -> ExitStatus {
        process.signal(SIGTERM)
        return try await process.exit(within: Self.limit)
    }

    /// Ends it with SIGKILL, as a power cut of its process would.
    func kill() {
        process.end()
    }

    /// `CASEMATE_EXECUTABLE` where the environment has it, else what was built beside the tests.
    static func executable() throws -> URL {
        let built = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "casemate").path
        let path = ProcessInfo.processInfo.environment["CASEMATE_EXECUTABLE"] ?? built ?? "casemate"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ChildProcessError(
                "There is no executable at \(path): build the product casemate, or set CASEMATE_EXECUTABLE.")
        }
        return URL(filePath: path)
    }

    /// A line counts once its end is there: the file may be seen half written.
    private static func firstLine(of file: URL, writtenBy process: ChildProcess) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let text = try? String(contentsOf: file, encoding: .utf8),  // not there yet is not an error
                let end = text.firstIndex(of: "\n")
            {
                return String(text[..<end])
            }
            if let status = process.exitStatus {
                throw ChildProcessError("casemate serve ended with \(status) before it was ready.")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        process.end()
        throw ChildProcessError("casemate serve was not ready within \(limit).")
    }
}
