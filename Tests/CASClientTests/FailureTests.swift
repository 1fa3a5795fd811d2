// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASClient
import CASModel
import CASServices
import Foundation
import RemoteAPI
import Testing

@Suite struct FailureTests {
    @Test func `a blob that is missing fails by name and leaves nothing behind`() async throws {
        try await TestServer.run { server in
            var root = Directory()
            root.files = [
                HostileTreeTests.file("there", try await server.keep(Bytes([1]))),
                HostileTreeTests.file("gone", try Digest.of(Bytes([2]))),
            ]
            let error = try await Self.pullError(try await server.keep(root), server)
            #expect(error?.code == .blobMissing)
            #expect(error?.sentence.contains("“gone”") == true)
        }
    }

    @Test func `a large blob that is missing fails by name, too`() async throws {
        try await TestServer.run { server in
            var root = Directory()
            root.files = [
                HostileTreeTests.file("gone", try Digest.of(Bytes([UInt8](repeating: 1, count: 3 << 20))))
            ]
            let error = try await Self.pullError(try await server.keep(root), server)
            #expect(error?.code == .blobMissing)
            #expect(error?.sentence.contains("“gone”") == true)
        }
    }

    @Test func `a directory that is missing fails`() async throws {
        try await TestServer.run { server in
            var root = Directory()
            root.directories = [HostileTreeTests.directory("gone", try Digest.of(Bytes([2])))]
            #expect(try await Self.pullError(try await server.keep(root), server)?.code == .blobMissing)
            #expect(try await Self.pullError(try Digest.of(Bytes([9])), server)?.code == .blobMissing)
        }
    }

    private static func pullError(_ root: Digest, _ server: TestServer) async throws -> ClientError? {
        let folder = try TemporaryFolder()
        let remote = try await server.connect()
        let error = await #expect(throws: ClientError.self) {
            try await remote.pull(root, to: folder.path("out"))
        }
        #expect(try folder.names == [])
        return error
    }

    @Test func `a server that is not there is told apart`() async throws {
        var configuration = RemoteConfiguration()
        configuration.retries.attempts = 2
        configuration.retries.firstDelay = .milliseconds(1)
        let impatient = configuration
        let url = try RemoteURL("grpc://127.0.0.1:1")
        let error = await #expect(throws: ClientError.self) { try await Remote.connect(to: url, impatient) }
        #expect(error?.code == .unreachable)
        #expect(error?.sentence.contains("grpc://127.0.0.1:1") == true)
    }

    @Test func `TLS is refused before anything is sent`() async throws {
        let url = try RemoteURL("grpcs://127.0.0.1:1")
        let error = await #expect(throws: ClientError.self) { try await Remote.connect(to: url) }
        #expect(error?.code == .unsupported)
    }

    @Test func `a server that does not let push says so`() async throws {
        try await TestServer.run(rights: .read) { server in
            let folder = try TemporaryFolder()
            try folder.write([1], to: "in/a")
            let remote = try await server.connect()
            #expect(try await remote.allowsUpdates() == false)
            let error = await #expect(throws: ClientError.self) { try await remote.push(folder.path("in")) }
            #expect(error?.code == .notPermitted)
        }
    }

    @Test func `only a directory is pushed, without special files or names that are not UTF-8`() async throws
    {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write([1], to: "in/a")
            let remote = try await server.connect()
            func failure(_ path: String) async -> String? {
                await #expect(throws: ClientError.self) { try await remote.push(path) }?.sentence
            }
            #expect(await failure(folder.path("in/a"))?.contains("Expected a directory") == true)
            #expect(await failure(folder.path("none"))?.contains("no such file") == true)
            #expect(mkfifo(folder.path("in/pipe"), 0o644) == 0)
            #expect(await failure(folder.path("in"))?.contains("in/pipe” is a named pipe") == true)
            unlink(folder.path("in/pipe"))
            let name = Array(folder.path("in").utf8CString.dropLast()) + [0x2F, -1, 0]
            #expect(mkdir(name, 0o755) == 0)
            #expect(await failure(folder.path("in"))?.contains("not UTF-8") == true)
        }
    }

    @Test func `a destination that holds something is left alone`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write([1], to: "in/a")
            try folder.write([2], to: "full/b")
            try FileManager.default.createDirectory(
                atPath: folder.path("empty"), withIntermediateDirectories: false)
            symlink("full", folder.path("link"))
            symlink("nowhere", folder.path("dangling"))
            let remote = try await server.connect()
            let root = try await remote.push(folder.path("in")).root
            for taken in ["full", "full/", "full/b", "link", "dangling", "none/out", ""] {
                let path = taken.isEmpty ? "" : folder.path(taken)
                let error = await #expect(throws: ClientError.self) { try await remote.pull(root, to: path) }
                #expect(error?.code == .localFile)
            }
            #expect(try folder.names == ["dangling", "empty", "full", "in", "link"])
            _ = try await remote.pull(root, to: folder.path("empty"))
            #expect(TreeSnapshot(of: folder.path("empty")) == TreeSnapshot(of: folder.path("in")))
            #expect(try folder.names == ["dangling", "empty", "full", "in", "link"])
        }
    }

    @Test func `a pull that is cancelled leaves nothing behind`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            for number in 0..<200 {
                try folder.write(
                    [UInt8](repeating: UInt8(number), count: 40_000 + number), to: "in/d/\(number)")
            }
            let remote = try await server.connect()
            let root = try await remote.push(folder.path("in")).root
            let progress = TransferProgress()
            let pull = Task { try await remote.pull(root, to: folder.path("out"), progress) }
            while progress.snapshot.filesDone == 0 { await Task.yield() }
            pull.cancel()
            // It may just have ended.
            if case .success = await pull.result { return }
            #expect(try folder.names == ["in"])
        }
    }
}
