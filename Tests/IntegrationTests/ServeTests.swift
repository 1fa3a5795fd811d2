// SPDX-License-Identifier: Apache-2.0

import CASTesting
import CoreGRPC
import Foundation
import Testing

/// How `serve` lives, refuses and ends.
@Suite(.timeLimit(.minutes(5))) struct ServeTests {
    private static let anyPort = ["--listen", "127.0.0.1:0"]

    @Test func `an ephemeral server ends when its input closes, and leaves nothing`() async throws {
        let folder = try TemporaryFolder()
        let temporary = try folder.folder("tmp")
        let input = try InputPipe()
        let server = try await CasemateProcess.start(
            serving: Self.anyPort + ["--ephemeral"], log: folder.file("log"), input: input,
            settings: ["TMPDIR": temporary.path])
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).count == 1)
        let (client, blob) = (CacheClient(server.address), try Blob(seed: 1, size: 2 << 20))
        try await client.write(blob)
        #expect(try await client.read(blob.digest) == blob.bytes)
        #expect(server.isRunning)
        input.close()
        #expect(try await server.exit() == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an ephemeral server that a signal ends leaves nothing`(_ signal: Int32) async throws {
        let folder = try TemporaryFolder()
        let temporary = try folder.folder("tmp")
        let input = try InputPipe()
        let server = try await CasemateProcess.start(
            serving: Self.anyPort + ["--ephemeral"], log: folder.file("log"), input: input,
            settings: ["TMPDIR": temporary.path])
        server.signal(signal)
        #expect(try await server.exit() == .exited(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
    }

    @Test func `without --root the store is where the environment puts a user's data`() async throws {
        let folder = try TemporaryFolder()
        let places = [
            ["HOME": folder.url.path, "XDG_DATA_HOME": ""]: ".local/share/casemate",
            ["HOME": "/nowhere", "XDG_DATA_HOME": folder.url.path]: "casemate",
        ]
        for (settings, place) in places {
            let server = try await CasemateProcess.start(
                serving: Self.anyPort, log: folder.file("log"), settings: settings)
            #expect(FileManager.default.fileExists(atPath: folder.file(place + "/FORMAT").path))
            #expect(try await server.stop() == .exited(0))
        }
    }

    @Test func `the address file has a line for each listener, in order, and each serves`() async throws {
        let folder = try TemporaryFolder()
        let server = try await CasemateProcess.start(
            serving: ["--root", "store", "--listen", "127.0.0.1:0", "--listen", "localhost:0"],
            log: folder.file("log"))
        try #require(server.addresses.count == 2)
        #expect(server.addresses[0].hasPrefix("127.0.0.1:") && server.addresses[1].hasPrefix("localhost:"))
        let blob = try Blob(seed: 2, size: 100)
        try await CacheClient(server.addresses[0]).store([blob])
        #expect(try await CacheClient(server.addresses[1]).read(blob.digest) == blob.bytes)
        #expect(try await server.stop() == .exited(0))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an upload that runs when a signal comes may finish, and the server ends with 0`(
        _ signal: Int32
    ) async throws {
        let session = try await CacheSession()
        let (client, blob) = (CacheClient(session.server.address), try Blob(seed: 3, size: 3 << 20))
        let upload = try await client.beginWrite(blob, sending: 1 << 20, as: "u")
        while try await client.kept(of: blob, "u") < 1 << 20 { await Task.yield() }
        session.server.signal(signal)
        while !session.log.contains("Stopping") { try await Task.sleep(for: .milliseconds(5)) }
        try await client.finishWrite(blob, from: 1 << 20, upload)
        #expect(try await session.server.exit() == .exited(0), "\(session.log)")
        try await session.startAgain()
        #expect(try await CacheClient(session.server.address).read(blob.digest) == blob.bytes)
        try await session.stop()
    }

    /// PROTOCOL.md W14.
    @Test func `an upload that stalls when a signal comes is cut off in time, and goes on after the restart`()
        async throws
    {
        let session = try await CacheSession()
        let (client, blob) = (CacheClient(session.server.address), try Blob(seed: 4, size: 3 << 20))
        let upload = try await client.beginWrite(blob, sending: 1 << 20, as: "u")
        while try await client.kept(of: blob, "u") < 1 << 20 { await Task.yield() }
        session.server.signal(SIGTERM)
        let ending = try await code { _ = try await upload.response() }
        #expect([.cancelled, .unavailable, .aborted].contains(ending))
        #expect(try await session.server.exit() == .exited(0), "\(session.log)")
        try await session.startAgain()
        let next = CacheClient(session.server.address)
        #expect(try await next.read(blob.digest) == nil)
        #expect(try await next.kept(of: blob, "u") == 1 << 20)
        try await next.goOn(blob, as: "u", from: 1 << 20)
        #expect(try await next.read(blob.digest) == blob.bytes)
        try await session.stop()
        #expect(try session.uploadFiles == [])
    }

    @Test
    func `an upload that was interrupted before SIGKILL goes on after it, one that was open starts anew`()
        async throws
    {
        let session = try await CacheSession()
        let client = CacheClient(session.server.address)
        let blobs = try [(10, 300_000), (11, 3 << 20)].map { try Blob(seed: $0, size: $1) }
        let open = try Blob(seed: 12, size: 3 << 20)
        for blob in blobs {
            let upload = try await client.beginWrite(blob, sending: 200_000, as: "u")
            #expect(try await code { _ = try await upload.finish() } == .invalidArgument)
            #expect(try await client.kept(of: blob, "u") == 200_000)
        }
        let upload = try await client.beginWrite(open, sending: 1 << 20, as: "u")
        while try await client.kept(of: open, "u") < 1 << 20 { await Task.yield() }
        session.server.kill()
        _ = try await session.server.exit()
        upload.cancel()
        #expect(try session.uploadFiles.count == 2 * 2 + 1)

        try await session.startAgain()
        let next = CacheClient(session.server.address)
        #expect(try session.uploadFiles.count == 2 * 2)
        #expect(try await next.kept(of: open, "u") == 0)
        for blob in blobs {
            #expect(try await next.kept(of: blob, "u") == 200_000)
            try await next.goOn(blob, as: "u", from: 200_000)
            #expect(try await next.read(blob.digest) == blob.bytes)
        }
        #expect(try session.uploadFiles == [])
        try await session.stop()
    }

    /// PROTOCOL.md §8.
    @Test func `a server whose store takes no writes says so, reads on, and takes it back`() async throws {
        let session = try await CacheSession()
        let client = CacheClient(session.server.address)
        let (blob, other) = (try Blob(seed: 13, size: 2 << 20), try Blob(seed: 14, size: 2 << 20))
        try await client.write(blob)
        #expect(try await client.isServing())
        let (uploads, elsewhere) = (session.folder.file("store/uploads"), session.folder.file("elsewhere"))
        try FileManager.default.moveItem(at: uploads, to: elsewhere)
        for _ in 0..<3 { #expect(try await code { try await client.write(other) } == .internal) }
        while try await client.isServing() { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await client.read(blob.digest) == blob.bytes)
        try FileManager.default.moveItem(at: elsewhere, to: uploads)
        while try await !client.isServing() { try await Task.sleep(for: .milliseconds(20)) }
        try await client.write(other)
        try await session.stop()
        #expect(session.log.contains("takes no writes") && session.log.contains("takes writes again"))
    }

    @Test func `a push that a signal to the server cuts short ends with one line, or is done`() async throws {
        let session = try await CacheSession()
        let tree = session.folder.file("tree")
        try RandomFolder.write(seed: SeededRandom.newSeed(), to: tree)
        try Data(repeating: 7, count: 64 << 20).write(to: tree.appending(path: "large"))
        let (url, folder) = (session.url, session.folder.url)
        async let push = CasemateCommand.run(["push", "--remote", url, "tree", "r"], in: folder)
        try await Task.sleep(for: .milliseconds(.random(in: 100...400)))
        session.server.signal(SIGTERM)
        let command = try await push
        if command.status == .exited(0) { command.succeeded() } else { command.failed(saying: url) }
        #expect(try await session.server.exit() == .exited(0), "\(session.log)")
    }

    @Test func `--no-push refuses a push and permits a pull`() async throws {
        let session = try await CacheSession()
        try session.write(["tree/f": "1"])
        try await session.remote("push", "tree", "r").succeeded()
        try await session.restart("--no-push")
        try await session.remote("push", "tree", "r").failed(saying: session.url, "does not let you push")
        try await session.remote("pull", "r", "out").succeeded()
        let client = CacheClient(session.server.address)
        let blob = try Blob(seed: 5, size: 10)
        #expect(try await code { try await client.store([blob]) } == .permissionDenied)
        #expect(try await code { try await client.write(blob) } == .permissionDenied)
        #expect(
            try await code { try await client.updateReference("r", to: blob.digest) } == .permissionDenied)
        try await session.stop()
    }

    @Test func `a push that does not fit --max-size says that there is no space, and the server goes on`()
        async throws
    {
        let session = try await CacheSession("--max-size", "8M")
        try session.write(["small/f": "1", "next/f": "2"])
        try await session.remote("push", "small", "small").succeeded()
        let large = session.folder.file("large")
        try FileManager.default.createDirectory(at: large, withIntermediateDirectories: false)
        try Data(repeating: 7, count: 16 << 20).write(to: large.appending(path: "f"))
        try await session.remote("push", "large", "large").failed(saying: session.url, "no room", "full")
        try await session.remote("ls", "large").failed(saying: "knows no reference “large”")
        try await session.remote("pull", "small", "out").succeeded()
        try await session.remote("push", "next", "next").succeeded()
        try await session.stop()
    }
}
