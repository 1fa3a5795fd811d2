// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASClient
import CASModel
import Glibc
import RemoteAPI
import SwiftProtobuf
import Testing

@Suite struct HostileTreeTests {
    static let badNames = ["", ".", "..", "/", "a/b", "../x", "/etc/x", "a\0b", "\0"]

    @Test(arguments: badNames) func `a file with a name that leads elsewhere is refused`(name: String)
        async throws
    {
        try await expectRefused { content in
            [Self.file(name, content)]
        } symlinks: { _ in
            []
        }
    }

    @Test(arguments: badNames) func `a symlink with such a name is refused`(name: String) async throws {
        try await expectRefused { _ in
            []
        } symlinks: { _ in
            [Self.symlink(name, "/tmp")]
        }
    }

    @Test(arguments: badNames) func `a directory with such a name is refused`(name: String) async throws {
        try await TestServer.run { server in
            var child = Directory()
            child.files = [Self.file("x", try await server.keep(Bytes([1])))]
            var root = Directory()
            root.directories = [Self.directory(name, try await server.keep(child))]
            try await Self.expectRefused(try await server.keep(root), server)
        }
    }

    @Test func `a name that stands twice is refused`() async throws {
        try await expectRefused { content in
            [Self.file("a", content)]
        } symlinks: { _ in
            [Self.symlink("a", "/tmp")]
        }
        try await expectRefused { content in
            [Self.file("a", content), Self.file("a", content)]
        } symlinks: { _ in
            []
        }
        try await TestServer.run { server in
            var child = Directory()
            child.files = [Self.file("escaped", try await server.keep(Bytes([1])))]
            var root = Directory()
            root.directories = [Self.directory("a", try await server.keep(child))]
            root.symlinks = [Self.symlink("a", "..")]
            try await Self.expectRefused(try await server.keep(root), server)
        }
    }

    @Test(arguments: ["", "a\0b"]) func `a symlink that leads nowhere at all is refused`(target: String)
        async throws
    {
        try await expectRefused { _ in
            []
        } symlinks: { _ in
            [Self.symlink("a", target)]
        }
    }

    @Test func `a digest that is none, and a directory that is none, are refused`() async throws {
        try await expectRefused { _ in
            var node = Self.file("a", try Digest.of(Bytes()))
            node.digest.hash = "xyz"
            return [node]
        } symlinks: { _ in
            []
        }
        try await TestServer.run { server in
            try await Self.expectRefused(try await server.keep(Bytes([0xFF, 0xFF, 0xFF])), server)
        }
    }

    @Test func `two spellings of a letter are two names`() async throws {
        try await TestServer.run { server in
            let content = try await server.keep(Bytes([1]))
            var root = Directory()
            root.files = [Self.file("e\u{301}", content), Self.file("é", content)]
            let folder = try TemporaryFolder()
            let digest = try await server.keep(root)
            let summary = try await server.connect().pull(digest, to: folder.path("out"))
            #expect(summary.files == 2)
            #expect(TreeSnapshot(of: folder.path("out")).files == 2)
        }
    }

    @Test func `a few directories that spell out billions are refused`() async throws {
        try await TestServer.run { server in
            var digest = try await server.keep(Directory())
            for _ in 0..<40 {
                var directory = Directory()
                directory.directories = [Self.directory("a", digest), Self.directory("b", digest)]
                digest = try await server.keep(directory)
            }
            let remote = try await server.connect { $0.entriesAtMost = 10_000 }
            let folder = try TemporaryFolder()
            let root = digest
            let error = await #expect(throws: ClientError.self) {
                try await remote.pull(root, to: folder.path("out"))
            }
            #expect(error?.code == .invalidTree)
            #expect(try folder.names == [])
        }
    }

    private func expectRefused(
        _ files: (Digest) throws -> [FileNode], symlinks: (Digest) throws -> [SymlinkNode]
    ) async throws {
        try await TestServer.run { server in
            let content = try await server.keep(Bytes([1]))
            var root = Directory()
            root.files = try files(content)
            root.symlinks = try symlinks(content)
            try await Self.expectRefused(try await server.keep(root), server)
        }
    }

    private static func expectRefused(_ root: Digest, _ server: TestServer) async throws {
        let folder = try TemporaryFolder()
        let remote = try await server.connect()
        let error = await #expect(throws: ClientError.self) {
            try await remote.pull(root, to: folder.path("out"))
        }
        #expect(error?.code == .invalidTree, "\(String(describing: error))")
        #expect(try folder.names == [])
    }

    static func file(_ name: String, _ digest: Digest) -> FileNode {
        var node = FileNode()
        node.name = name
        node.digest = message(digest)
        return node
    }

    static func directory(_ name: String, _ digest: Digest) -> DirectoryNode {
        var node = DirectoryNode()
        node.name = name
        node.digest = message(digest)
        return node
    }

    static func symlink(_ name: String, _ target: String) -> SymlinkNode {
        var node = SymlinkNode()
        node.name = name
        node.target = target
        return node
    }

    private static func message(_ digest: Digest) -> DigestMessage {
        var message = DigestMessage()
        message.hash = digest.hexadecimal
        message.sizeBytes = Int64(digest.size)
        return message
    }
}

extension TestServer {
    func keep(_ directory: Directory) async throws -> Digest {
        try await keep(Bytes(try directory.serializedBytes() as [UInt8]))
    }
}
