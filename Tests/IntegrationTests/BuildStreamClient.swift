// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A real `bst` whose caches, configuration and home are in a temporary folder.
struct BuildStreamClient: Sendable {
    /// How long one command may take.
    private static let limit = Duration.seconds(120)

    private let executable: URL
    private let folder: TemporaryFolder

    /// The client of that version, with no remote configured.
    ///
    /// Where it is not installed the test is cancelled with a warning; in CI (`CI=true`) it fails.
    init(_ version: BuildStreamVersion) async throws {
        folder = try TemporaryFolder()
        guard let executable = try await Self.find(version, scratch: folder) else {
            let reason = "BuildStream \(version.rawValue) is not installed: run .ci/clients/install."
            guard ProcessInfo.processInfo.environment["CI"] != "true" else { throw ChildProcessError(reason) }
            // A cancelled case alone leaves no trace in what the run prints.
            Issue.record("\(reason)", severity: .warning)
            try Test.cancel("\(reason)")
        }
        self.executable = executable
        try configure("")
    }

    /// Uses this server, and pushes to it where `push` is true.
    func useRemote(_ address: String, push: Bool) throws {
        try configure("artifacts:\n  url: http://\(address)\n  push: \(push)\n")
    }

    /// Builds the project's target and all that it depends on.
    func build(_ project: BuildStreamProject) async throws {
        try await run("build", BuildStreamProject.target, in: project).succeeded()
    }

    /// Pushes the artifacts of all elements; what came of it is for the caller to judge.
    func push(_ project: BuildStreamProject) async throws -> CommandResult {
        try await run("push", "--deps", "all", BuildStreamProject.target, in: project)
    }

    /// Pulls the artifacts of all elements; what came of it is for the caller to judge.
    func pull(_ project: BuildStreamProject) async throws -> CommandResult {
        try await run("pull", "--deps", "all", BuildStreamProject.target, in: project)
    }

    /// Checks out the target from the local cache and reads the result.
    func checkout(_ project: BuildStreamProject) async throws -> FolderSnapshot {
        let place = folder.file("checkout-\(UUID().uuidString)")
        // Only to save space: it goes with the folder in any case.
        defer { try? FileManager.default.removeItem(at: place) }
        try await run("checkout", BuildStreamProject.target, place.path, in: project).succeeded()
        return try FolderSnapshot(of: place)
    }

    /// Its own cache of artifacts, which has the layout of a `bst-artifact-server`: the same code keeps both.
    var artifacts: URL { folder.file("cache/buildstream/artifacts") }

    /// Forgets every artifact.
    func wipeCache() throws {
        try FileManager.default.removeItem(at: folder.file("cache"))
    }

    private func configure(_ text: String) throws {
        try Data(text.utf8).write(to: folder.folder("config").appending(path: "buildstream.conf"))
    }

    private func run(_ arguments: String..., in project: BuildStreamProject) async throws -> CommandResult {
        let environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": try folder.folder("home").path,
            "XDG_CACHE_HOME": try folder.folder("cache").path,
            "XDG_CONFIG_HOME": try folder.folder("config").path,
            "XDG_DATA_HOME": try folder.folder("data").path,
            "TMPDIR": try folder.folder("tmp").path,
        ]
        return try await ChildProcess.run(
            executable, ["--no-interactive"] + arguments, environment: environment, folder: project.folder,
            output: folder.file("output-\(UUID().uuidString)"), timeout: Self.limit)
    }

    /// Where `.ci/clients/install` puts it, else on `PATH`; a `bst` of another version is not it.
    private static func find(_ version: BuildStreamVersion, scratch: TemporaryFolder) async throws -> URL? {
        let environment = ProcessInfo.processInfo.environment
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let clients = environment["CASEMATE_CLIENTS"] ?? "\(home)/.cache/casemate-clients"
        let onPath = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/bst" }
        for path in ["\(clients)/bst-\(version.rawValue)/bin/bst"] + onPath
        where FileManager.default.isExecutableFile(atPath: path) {
            let answer = try await ChildProcess.run(
                URL(filePath: path), ["--version"], folder: scratch.url,
                output: scratch.file("version-\(UUID().uuidString)"), timeout: limit)
            if answer.output.split(separator: "\n").contains(Substring(version.rawValue)) {
                return URL(filePath: path)
            }
        }
        return nil
    }
}
