// SPDX-License-Identifier: Apache-2.0

import CASClient
import CASModel
import Glibc
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: [1, 2, 3, UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)])
    func `a tree comes back as it was, and the second push uploads nothing`(seed: UInt64) async throws {
        print("seed \(seed)")
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            RandomTree.write(seed: seed, to: folder.path("in"))
            let remote = try await server.connect()
            let first = try await remote.push(folder.path("in"))
            let second = try await remote.push(folder.path("in") + "/")
            #expect(second.root == first.root)
            #expect(second.uploadedBlobs == 0 && second.uploadedBytes == 0)
            #expect(first.uploadedBytes == server.usedBytes)
            let pulled = try await remote.pull(first.root, to: folder.path("out"))
            let expected = TreeSnapshot(of: folder.path("in"))
            #expect(TreeSnapshot(of: folder.path("out")) == expected, "seed \(seed)")
            #expect(pulled.files == expected.files && first.files == expected.files)
            #expect(pulled.bytes == first.bytes)
            #expect(try folder.names == ["in", "out"])
        }
    }

    @Test func `a changed file uploads itself and the directories above it`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            for number in 0..<50 {
                try folder.write(Array("\(number)".utf8), to: "in/a/b/\(number)")
                try folder.write(Array("other \(number)".utf8), to: "in/c/\(number)")
            }
            let remote = try await server.connect()
            #expect(try await remote.push(folder.path("in")).uploadedBlobs == 104)
            try folder.write(Array("changed".utf8), to: "in/a/b/7")
            #expect(try await remote.push(folder.path("in")).uploadedBlobs == 4)
        }
    }

    @Test func `the empty directory makes the round trip, as a root and inside`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            mkdir(folder.path("in"), 0o755)
            let remote = try await server.connect()
            let root = try await remote.push(folder.path("in")).root
            #expect(root.isOfEmptyBlob)
            _ = try await remote.pull(root, to: folder.path("out"))
            mkdir(folder.path("in/empty"), 0o755)
            let nested = try await remote.push(folder.path("in")).root
            _ = try await remote.pull(nested, to: folder.path("nested"))
            #expect(TreeSnapshot(of: folder.path("nested")) == TreeSnapshot(of: folder.path("in")))
        }
    }

    @Test func `directories may be deeper than a path can be long`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            mkdir(folder.path("in"), 0o755)
            let name = String(repeating: "d", count: 100)
            var parent = open(folder.path("in"), O_RDONLY | O_DIRECTORY)
            for _ in 0..<60 {
                #expect(mkdirat(parent, name, 0o755) == 0)
                let child = openat(parent, name, O_RDONLY | O_DIRECTORY)
                close(parent)
                parent = child
            }
            close(openat(parent, "leaf", O_WRONLY | O_CREAT, 0o644))
            close(parent)
            let remote = try await server.connect()
            let pushed = try await remote.push(folder.path("in"))
            #expect(pushed.files == 1 && pushed.uploadedBlobs == 61)
            #expect(try await remote.pull(pushed.root, to: folder.path("out")).files == 1)
            #expect(try await remote.push(folder.path("out")).root == pushed.root)
        }
    }

    @Test func `a blob that many files have travels once`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            let large = [UInt8](repeating: 7, count: (1 << 20) + 1)
            for number in 0..<10 {
                try folder.write(Array("same".utf8), to: "in/small-\(number)", isExecutable: number % 2 == 0)
                try folder.write(large, to: "in/large-\(number)", isExecutable: number % 2 == 0)
            }
            let remote = try await server.connect()
            let pushed = try await remote.push(folder.path("in"))
            #expect(pushed.uploadedBlobs == 3)
            let pulled = try await remote.pull(pushed.root, to: folder.path("out"))
            #expect(pulled.fetchedBlobs == 2 && pulled.files == 20)
            #expect(TreeSnapshot(of: folder.path("out")) == TreeSnapshot(of: folder.path("in")))
        }
    }

    @Test func `a listing names everything, in order`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write([1, 2, 3], to: "in/b/tool", isExecutable: true)
            try folder.write([], to: "in/a")
            symlink("../x\n", folder.path("in/c"))
            let remote = try await server.connect()
            let root = try await remote.push(folder.path("in")).root
            var entries: [TreeEntry] = []
            try await remote.list(root) { entries.append($0) }
            #expect(
                entries == [
                    TreeEntry(path: "a", kind: .file(size: 0, isExecutable: false)),
                    TreeEntry(path: "b", kind: .directory),
                    TreeEntry(path: "b/tool", kind: .file(size: 3, isExecutable: true)),
                    TreeEntry(path: "c", kind: .symlink(target: "../x\n")),
                ])
            #expect(entries[3].printableTarget == "../x\\n")
        }
    }

    @Test func `references name trees, per instance`() async throws {
        try await TestServer.run { server in
            let folder = try TemporaryFolder()
            try folder.write([1], to: "in/a")
            let remote = try await server.connect(instance: "team")
            #expect(try await remote.allowsUpdates())
            let root = try await remote.push(folder.path("in")).root
            let keys = [try ReferenceKey("app/1"), try ReferenceKey("app/latest")]
            try await remote.updateReferences(keys, to: root)
            for key in keys { #expect(try await remote.reference(key) == root) }
            let other = try await server.connect()
            let error = await #expect(throws: ClientError.self) { try await other.reference(keys[0]) }
            #expect(error?.code == .referenceNotFound)
        }
    }
}
