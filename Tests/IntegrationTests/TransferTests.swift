// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation
import Testing

/// `push`, `pull` and `ls`, as a person or a script runs them.
@Suite(.timeLimit(.minutes(5))) struct TransferTests {
    @Test func `a tree comes back as it was pushed, and ls lists all of it`() async throws {
        let seed = SeededRandom.newSeed()
        print("Transfer: CASEMATE_SEED=\(seed)")
        let session = try await CacheSession()
        for round in 0..<3 as Range<UInt64> {
            let (tree, copy) = (session.folder.file("tree-\(round)"), session.folder.file("copy-\(round)"))
            try RandomFolder.write(seed: seed &+ round, to: tree)
            try await session.remote("push", tree.lastPathComponent, "a/tree", "b-\(round)").succeeded()
            for (reference, place) in [
                ("a/tree", copy), ("b-\(round)", session.folder.file("second-\(round)")),
            ] {
                let said = try await session.remote("pull", reference, place.path).succeeded()
                let (original, pulled) = (try FolderSnapshot(of: tree), try FolderSnapshot(of: place))
                #expect(pulled.differences(from: original) == [], "CASEMATE_SEED=\(seed)")
                #expect(said.hasPrefix("pulled \(original.fileCount) file"))
            }
            let listed = try await session.remote("ls", "a/tree").succeeded().split(separator: "\n")
            #expect(try listed.count == FolderSnapshot(of: tree).count, "CASEMATE_SEED=\(seed)")
            #expect(listed.allSatisfy { !$0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } })
        }
        try await session.stop()
    }

    @Test func `a second push sends nothing, a changed file sends itself and the directories above it`()
        async throws
    {
        let session = try await CacheSession()
        try session.write([
            "tree/a/b/c/deep": "old", "tree/a/b/other": "1", "tree/x/y": "2", "tree/a/z": "3",
            "tree/same": "1",
        ])
        // Five directories are x, a, b, c and the root; one of five files has the content of another.
        let first = try await session.remote("push", "tree", "app/1").succeeded()
        #expect(first.hasPrefix("pushed 5 files, 7 bytes; uploaded 9 blobs, "))
        let second = try await session.remote("push", "tree", "app/1").succeeded()
        #expect(second == "pushed 5 files, 7 bytes; uploaded 0 blobs, 0 bytes\n")
        let renamed = try await session.remote("push", "tree", "app/2").succeeded()
        #expect(renamed == second)
        try session.write(["tree/a/b/c/deep": "new"])
        let changed = try await session.remote("push", "tree", "app/3").succeeded()
        #expect(changed.hasPrefix("pushed 5 files, 7 bytes; uploaded 5 blobs, "))
        try await session.remote("pull", "app/2", "old").succeeded()
        try await session.remote("pull", "app/3", "new").succeeded()
        #expect(try String(contentsOf: session.folder.file("old/a/b/c/deep"), encoding: .utf8) == "old")
        #expect(try String(contentsOf: session.folder.file("new/a/b/c/deep"), encoding: .utf8) == "new")
    }

    @Test func `ls prints mode, size, path and target`() async throws {
        let session = try await CacheSession()
        try session.write(["tree/bin/run": "#!/bin/sh", "tree/note": "hello"])
        let tree = session.folder.file("tree").path
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tree + "/bin/run")
        try FileManager.default.createSymbolicLink(atPath: tree + "/last", withDestinationPath: "bin/run")
        try FileManager.default.createDirectory(atPath: tree + "/empty", withIntermediateDirectories: false)
        try await session.remote("push", "tree", "r").succeeded()
        let listed = try await session.remote("ls", "r").succeeded().split(separator: "\n").sorted()
        #expect(
            listed == [
                "-rw-r--r--            5 note", "-rwxr-xr-x            9 bin/run",
                "drwxr-xr-x            0 bin/", "drwxr-xr-x            0 empty/",
                "lrwxrwxrwx            0 last -> bin/run",
            ])
    }

    @Test func `instances are separate, and CASEMATE_REMOTE stands in for --remote`() async throws {
        let session = try await CacheSession()
        try session.write(["tree/f": "1"])
        try await session.remote("push", "--instance", "team/a", "tree", "r").succeeded()
        try await session.remote("ls", "r").failed(saying: "knows no reference “r”")
        try await session.remote("ls", "--instance", "team/b", "r").failed(saying: "in the instance “team/b”")
        let settings = ["CASEMATE_REMOTE": session.url]
        let listed = try await CasemateCommand.run(
            ["ls", "--instance", "team/a", "r"], in: session.folder.url, settings: settings)
        #expect(listed.succeeded().contains(" f\n"))
    }

    @Test func `what fails ends with 1 and one line that says why`() async throws {
        let session = try await CacheSession()
        try session.write(["tree/f": "1", "full/f": "1", "file": ""])
        try await session.remote("push", "tree", "r").succeeded()
        try await session.remote("pull", "no/such", "out").failed(saying: session.url, "“no/such”")
        try await session.remote("ls", "no/such").failed(saying: session.url, "“no/such”")
        try await session.remote("pull", "r", "full").failed(saying: "“full” exists already")
        try await session.remote("pull", "r", "file").failed(saying: "“file” exists already")
        try await session.remote("pull", "r", "no/such/folder").failed(saying: "“no/such”", "no such file")
        try await session.remote("push", "missing", "r").failed(saying: "“missing”", "no such file")
        try await session.remote("push", "file", "r").failed(saying: "“file” is a file")
        #expect(try FolderSnapshot(of: session.folder.file("full")).paths == ["f"])
        #expect(!FileManager.default.fileExists(atPath: session.folder.file("out").path))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a pull that a signal interrupts leaves nothing behind`(_ signal: Int32) async throws {
        let session = try await CacheSession()
        let tree = try session.folder.folder("tree")
        try Data(repeating: 7, count: 256 << 20).write(to: tree.appending(path: "large"))
        try await session.remote("push", "tree", "r").succeeded()
        let into = try session.folder.folder("into")
        let errors = session.folder.file("errors")
        let pull = try ChildProcess(
            try CasemateProcess.executable(), ["pull", "--remote", session.url, "r", "out"], folder: into,
            output: session.folder.file("output"), errors: errors)
        while pull.exitStatus == nil, try FileManager.default.contentsOfDirectory(atPath: into.path) == [] {
            await Task.yield()
        }
        pull.signal(signal)
        let status = try await pull.exit(within: .seconds(60))
        let said = try String(contentsOf: errors, encoding: .utf8)
        if status == .exited(0) {
            #expect(try FolderSnapshot(of: into).paths == ["out", "out/large"])
        } else {
            #expect(status == .exited(128 + signal))
            #expect(said == "casemate: interrupted.\n")
            #expect(try FolderSnapshot(of: into).paths == [])
        }
        try await session.remote("pull", "r", "into/out").succeeded()
        try await session.stop()
    }

    @Test func `a server that is not there is named`() async throws {
        let session = try await CacheSession()
        try session.write(["tree/f": "1"])
        try await session.stop()
        for arguments in [["push", "tree", "r"], ["pull", "r", "out"], ["ls", "r"]] {
            let command = [arguments[0], "--remote", session.url] + arguments.dropFirst()
            try await CasemateCommand.run(command, in: session.folder.url)
                .failed(saying: session.url, "cannot be reached")
        }
    }
}
