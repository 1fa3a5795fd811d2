// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A folder to work in, a store in it, and a server that runs on that store.
final class CacheSession {
    let folder: TemporaryFolder
    private(set) var server: CasemateProcess

    /// Starts a server on an empty store.
    init(_ arguments: String...) async throws {
        folder = try TemporaryFolder()
        server = try await CasemateProcess.start(
            root: folder.file("store"), log: folder.file("server.log"), arguments: arguments)
    }

    var url: String { "grpc://\(server.address)" }

    /// What the server has printed.
    var log: String { (try? String(contentsOf: folder.file("server.log"), encoding: .utf8)) ?? "" }

    /// The names of the store's files of uploads.
    var uploadFiles: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.file("store/uploads").path) }
    }

    /// Ends the server as its operator would, and starts another on the same store.
    func restart(_ arguments: String...) async throws {
        try await stop()
        try await startAgain(arguments)
    }

    /// Starts another server on the same store, once the one before has ended.
    func startAgain(_ arguments: [String] = []) async throws {
        server = try await CasemateProcess.start(
            root: folder.file("store"), log: folder.file("server.log"), arguments: arguments)
    }

    /// Ends the server as its operator would.
    func stop() async throws {
        try #require(try await server.stop() == .exited(0), "\(log)")
    }

    /// Runs `casemate` in the folder.
    func casemate(_ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run(arguments, in: folder.url)
    }

    /// Runs a command of `casemate` that talks to the server.
    func remote(_ command: String, _ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run([command, "--remote", url] + arguments, in: folder.url)
    }

    /// Makes files in the folder, with the folders above them.
    func write(_ files: [String: String]) throws {
        for (path, content) in files {
            let file = folder.file(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content.utf8).write(to: file)
        }
    }
}
