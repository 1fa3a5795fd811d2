// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation
import Testing

/// A project, a client that has built it, a store, and the server that runs on that store now.
final class BuildStreamSession {
    private let client: BuildStreamClient
    private let project: BuildStreamProject
    private let checkedOut: FolderSnapshot
    private let folder: TemporaryFolder
    private var server: CasemateProcess?

    private init(_ version: BuildStreamVersion, random: inout SeededRandom) async throws {
        folder = try TemporaryFolder()
        client = try await BuildStreamClient(version)
        project = try BuildStreamProject(
            in: folder.folder("project"), formatVersion: version.formatVersion, random: &random)
        try await client.build(project)
        checkedOut = try await client.checkout(project)
        let faults = checkedOut.differences(from: try FolderSnapshot(of: project.files))
        try #require(faults == [], "The client did not build what the project says; no server was asked yet.")
    }

    /// Runs a test in a new session. If it throws, the seed and what the servers printed are reported too.
    static func run(
        _ version: BuildStreamVersion,
        _ test: (BuildStreamSession, inout SeededRandom) async throws -> Void
    ) async throws {
        let seed = SeededRandom.newSeed()
        var random = SeededRandom(seed: seed)
        print("BuildStream \(version.rawValue): CASEMATE_SEED=\(seed)")
        let session = try await BuildStreamSession(version, random: &random)
        do {
            try await test(session, &random)
        } catch {
            // Without a file no server was started, and the error says why.
            let log = (try? String(contentsOf: session.log, encoding: .utf8)) ?? ""
            Issue.record("With CASEMATE_SEED=\(seed). The server printed:\n\(log)")
            throw error
        }
    }

    /// Starts a server on the session's store. The client uses it from now on, to push too if `push` is true.
    func serve(_ arguments: String..., push: Bool = true) async throws {
        let root = try folder.folder("store")
        let server = try await CasemateProcess.start(root: root, log: log, arguments: arguments)
        self.server = server
        try client.useRemote(server.address, push: push)
    }

    /// Ends the server as its operator would. Any exit status but 0 is a failure.
    func stopServer() async throws {
        let status = try await #require(server).stop()
        try #require(status == .exited(0), "The server was sent SIGTERM.")
    }

    /// Ends the server without a chance to put anything in order.
    func killServer() throws {
        try #require(server).kill()
    }

    /// Starts to push all artifacts and, that much later, kills the server, whatever was pushed by then.
    func killServer(whilePushing delay: Duration) async throws {
        let (client, project) = (client, project)
        async let cutShort = client.push(project)
        try await Task.sleep(for: delay)
        try killServer()
        _ = try await cutShort
    }

    /// Pushes all artifacts; the client must find that the server needs every one.
    func pushEverything() async throws {
        let result = try await push().succeeded()
        let summary = try QueueSummary(of: "Push", in: result)
        try #require(summary == QueueSummary(processed: project.elementCount), "\(result.output)")
    }

    /// Pushes all artifacts; the client must find that the server has them.
    func pushNothing() async throws {
        let result = try await push().succeeded()
        let summary = try QueueSummary(of: "Push", in: result)
        try #require(summary == QueueSummary(skipped: project.elementCount), "\(result.output)")
        try #require(result.output.contains("already has"), "\(result.output)")
    }

    /// Pushes all artifacts; what comes of it is for the caller to judge.
    func push() async throws -> CommandResult {
        try await client.push(project)
    }

    /// Empties the client's cache and pulls; the server must have all, and the checkout must be what it was.
    func pullEverything() async throws {
        try client.wipeCache()
        let result = try await client.pull(project).succeeded()
        let summary = try QueueSummary(of: "Pull", in: result)
        try #require(summary == QueueSummary(processed: project.elementCount), "\(result.output)")
        let differences = try await client.checkout(project).differences(from: checkedOut)
        try #require(differences == [])
    }

    private var log: URL { folder.file("server.log") }
}
