// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The real server, as a child process on a free port of 127.0.0.1. It never outlives this value.
final class CasemateProcess: Sendable {
    /// How long a start and a stop may take, with room for a sanitizer's slowness.
    private static let limit = Duration.seconds(60)

    /// Where it listens, each as `host:port`, in the order of its `--listen`.
    let addresses: [String]

    /// How long it took from its start until it was ready.
    let timeToReady: Duration

    private let process: ChildProcess

    private init(addresses: [String], timeToReady: Duration, process: ChildProcess) {
        self.addresses = addresses
        self.timeToReady = timeToReady
        self.process = process
    }

    /// Starts `casemate serve` on a store and returns when it is ready. What it prints is appended to `log`.
    static func start(root: URL, log: URL, arguments: [String] = []) async throws -> CasemateProcess {
        try await start(serving: ["--root", root.path, "--listen", "127.0.0.1:0"] + arguments, log: log)
    }

    /// Starts `casemate serve` with these arguments and returns when it is ready.
    static func start(
        serving arguments: [String], log: URL, input: InputPipe? = nil, settings: [String: String] = [:]
    ) async throws -> CasemateProcess {
        let start = ContinuousClock.now
        let addressFile = log.deletingLastPathComponent().appending(path: "address-\(UUID().uuidString)")
        let process = try ChildProcess(
            try executable(), ["serve", "--address-file", addressFile.path] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(settings) { $1 },
            folder: log.deletingLastPathComponent(), output: log, input: input)
        let addresses = try await lines(of: addressFile, writtenBy: process)
        return CasemateProcess(addresses: addresses, timeToReady: .now - start, process: process)
    }

    /// Starts `casemate serve` on a store and ends it with SIGKILL that much later, ready or not.
    static func startAndKill(root: URL, log: URL, after delay: Duration) async throws {
        let process = try ChildProcess(
            try executable(), ["serve", "--root", root.path, "--listen", "127.0.0.1:0"],
            folder: log.deletingLastPathComponent(), output: log)
        try await Task.sleep(for: delay)
        process.end()
    }

    /// The first address that it listens on.
    var address: String { addresses[0] }

    /// Its process id.
    var identifier: Int32 { process.identifier }

    /// Whether it has not ended.
    var isRunning: Bool { process.exitStatus == nil }

    /// Sends it a signal.
    func signal(_ number: Int32) {
        process.signal(number)
    }

    /// Waits for its end and returns how it ended.
    func exit() async throws -> ExitStatus {
        try await process.exit(within: Self.limit)
    }

    /// Asks it to end with SIGTERM and returns how it ended.
    func stop() async throws -> ExitStatus {
        process.signal(SIGTERM)
        return try await exit()
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

    /// The addresses count once the last line has its end: the file may be seen half written.
    private static func lines(of file: URL, writtenBy process: ChildProcess) async throws -> [String] {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let text = try? String(contentsOf: file, encoding: .utf8),  // not there yet is not an error
                text.hasSuffix("\n")
            {
                return text.split(separator: "\n").map(String.init)
            }
            if let status = process.exitStatus {
                throw ChildProcessError("casemate serve ended with \(status) before it was ready.")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        process.end()
        throw ChildProcessError("casemate serve was not ready within \(limit).")
    }
}
