// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASTesting
import Foundation
import Testing

/// A folder with a tree in it, and a store that a real server was given that tree.
struct StoreSession {
    let folder: TemporaryFolder
    /// The tree, of `t/`.
    let tree: FolderSnapshot

    /// Pushes a random tree under the references `app/1` and `app/2`, and stops the server.
    init(seed: UInt64, arguments: String...) async throws {
        folder = try TemporaryFolder()
        try RandomFolder.write(seed: seed, to: folder.file("t"))
        // One blob that is a file of its own in any case, one that is met twice, and one of no bytes.
        var random = SeededRandom(seed: seed)
        let large = [UInt8](random.bytes(3 << 20 + 17) as Bytes)
        try Data(large).write(to: folder.file("t/large"))
        try Data("twice".utf8).write(to: folder.file("t/one"))
        try Data("twice".utf8).write(to: folder.file("t/two"))
        try Data().write(to: folder.file("t/none"))
        tree = try FolderSnapshot(of: folder.file("t"))
        let server = try await CasemateProcess.start(
            root: folder.file("s"), log: folder.file("log"), arguments: arguments)
        try await run("push", "--remote", "grpc://\(server.address)", "t", "app/1", "app/2").succeeded()
        try #require(try await server.stop() == .exited(0))
    }

    /// Runs `casemate` in the folder.
    func run(_ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run(arguments, in: folder.url)
    }

    /// Runs `casemate store` on the store `root` of the folder.
    func store(_ command: String, _ root: String, _ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run(["store", command, "--root", root] + arguments, in: folder.url)
    }

    /// Expects a check of the store to find nothing.
    func expectSound(_ root: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let said = try await store("check", root).succeeded(sourceLocation: sourceLocation)
        #expect(said.hasSuffix("nothing wrong\n"), "\(said)", sourceLocation: sourceLocation)
    }

    /// Serves the store `root`, and expects to pull the tree by the reference bit for bit.
    func expectTree(
        _ root: String, _ reference: String, instance: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let server = try await CasemateProcess.start(root: folder.file(root), log: folder.file("log-\(root)"))
        let place = "pulled-\(UUID().uuidString)"
        let options = ["--remote", "grpc://\(server.address)"] + (instance.map { ["--instance", $0] } ?? [])
        try await CasemateCommand.run(["pull"] + options + [reference, place], in: folder.url)
            .succeeded(sourceLocation: sourceLocation)
        let differences = try FolderSnapshot(of: folder.file(place)).differences(from: tree)
        #expect(differences == [], sourceLocation: sourceLocation)
        #expect(try await server.stop() == .exited(0), sourceLocation: sourceLocation)
    }

    /// Runs a shell command in the folder, and expects it to succeed; returns what it printed.
    @discardableResult
    func shell(_ command: String) async throws -> String {
        try await ChildProcess.run(
            URL(filePath: "/bin/bash"), ["-o", "pipefail", "-c", command], folder: folder.url,
            output: folder.file("shell-\(UUID().uuidString)"), timeout: .seconds(120)
        ).succeeded().output
    }
}
