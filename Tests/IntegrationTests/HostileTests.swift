// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import CoreGRPC
import Foundation
import RemoteAPI
import Synchronization
import Testing

/// What strangers send: it is refused, nobody else notices, and the server goes on.
@Suite(.timeLimit(.minutes(5))) struct HostileTests {
    /// Runs `body` beside a client that works all the time; afterwards the server must serve and end well.
    private func besideOthers(_ body: (CacheSession, CacheClient) async throws -> Void) async throws {
        let session = try await CacheSession()
        let neighbour = Neighbour(CacheClient(session.server.address))
        async let rounds = neighbour.work()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(session, CacheClient(session.server.address)))
        } catch {
            outcome = .failure(error)
        }
        neighbour.stop()
        #expect(try await rounds > 0)
        try outcome.get()
        #expect(session.server.isRunning, "\(session.log)")
        try session.write(["tree/f": "1"])
        try await session.remote("push", "tree", "r").succeeded()
        try await session.remote("pull", "r", "out").succeeded()
        try await session.stop()
        #expect(!session.log.contains(" error "), "\(session.log)")
        let names = try FileManager.default.contentsOfDirectory(atPath: session.folder.url.path)
        let strangers = names.filter { !["store", "tree", "out", "server.log"].contains($0) }
        #expect(strangers.allSatisfy { $0.hasPrefix("address-") }, "\(strangers)")
    }

    @Test func `what is not HTTP/2 is closed`() async throws {
        let seed = SeededRandom.newSeed()
        print("Hostile: CASEMATE_SEED=\(seed)")
        var random = SeededRandom(seed: seed)
        try await besideOthers { session, _ in
            var openings = (0..<20).map { _ in Array(random.data(.random(in: 24...5000, using: &random))) }
            openings += ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"].map {
                Array($0.utf8) + Array(repeating: 0, count: 100)
            }
            openings += (0..<20).map { _ in
                HTTP2.opening.prefix(24) + Array(random.data(.random(in: 100...5000, using: &random)))
            }
            for opening in openings {
                let connection = try RawConnection(to: session.server.address)
                connection.send(opening)
                connection.finish()
                _ = try await connection.untilClosed()
            }
        }
    }

    @Test func `broken frames after good ones are closed`() async throws {
        let path = CapabilitiesMethods.getCapabilities.path
        let broken: [[UInt8]] = [
            HTTP2.frame(type: 1, flags: 4, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            HTTP2.frame(type: 1, flags: 4, stream: 2, []),
            HTTP2.frame(type: 4, flags: 0, stream: 0, [1, 2, 3]),
            HTTP2.frame(type: 6, flags: 0, stream: 0, [1]),
            HTTP2.frame(type: 0, flags: 0, stream: 9, [], length: 0xFF_FFFF),
            HTTP2.call(path) + HTTP2.frame(type: 8, flags: 0, stream: 0, [0, 0, 0, 0, 0]),
        ]
        try await besideOthers { session, _ in
            for bytes in broken {
                let connection = try RawConnection(to: session.server.address)
                connection.send(HTTP2.opening + bytes)
                connection.finish()
                _ = try await connection.untilClosed()
            }
        }
    }

    @Test func `connections that are dropped or left half open cost nobody else anything`() async throws {
        try await besideOthers { session, _ in
            var open: [RawConnection] = []
            for number in 0..<300 {
                let connection = try RawConnection(to: session.server.address)
                switch number % 5 {
                case 0: break
                case 1: connection.send("PRI * HT")
                case 2: connection.send(HTTP2.opening)
                case 3: connection.send(HTTP2.opening + HTTP2.call(ByteStreamMethods.write.path))
                default: connection.send(HTTP2.opening + HTTP2.call(ByteStreamMethods.write.path).dropLast(7))
                }
                if number % 2 == 0 { connection.willReset() }
                if number % 3 == 0 { open.append(connection) }
            }
            let client = CacheClient(session.server.address)
            let blob = try Blob(seed: 9, size: 2 << 20)
            try await client.write(blob)
            #expect(try await client.read(blob.digest) == blob.bytes)
            withExtendedLifetime(open) {}
        }
    }

    @Test func `a message that claims gibibytes and does not bring them is refused`() async throws {
        let paths = [
            ContentAddressableStorageMethods.batchUpdateBlobs.path, ByteStreamMethods.write.path,
            ReferenceStorageMethods.updateReference.path,
        ]
        try await besideOthers { session, _ in
            var waiting: [RawConnection] = []
            for path in paths {
                for length in [[0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0x02, 0, 0, 1]]
                    as [[UInt8]]
                {
                    let begun = HTTP2.opening + HTTP2.call(path)
                    let connection = try RawConnection(to: session.server.address)
                    connection.send(begun + HTTP2.data([0] + length + [1, 2, 3], isLast: true))
                    let received = try await connection.received(until: HTTP2.isEnded)
                    #expect(HTTP2.status(in: received) != 0, "\(path)")
                    // The same without an end: the server waits, and nobody else does.
                    let other = try RawConnection(to: session.server.address)
                    other.send(begun + HTTP2.data([0] + length + [1, 2, 3]))
                    waiting.append(other)
                }
            }
            let blob = try Blob(seed: 10, size: 2 << 20)
            try await CacheClient(session.server.address).write(blob)
            withExtendedLifetime(waiting) {}
        }
    }

    @Test func `a message above the limit is RESOURCE_EXHAUSTED`() async throws {
        let cas = ContentAddressableStorageMethods.service
        let message = [UInt8](repeating: 0, count: (32 << 20) + 1)
        try await besideOthers { _, client in
            for name in ["BatchUpdateBlobs", "FindMissingBlobs", "GetTree"] {
                let found = try await code { try await client.call(cas, name, message) }
                #expect(found == .resourceExhausted, "\(name)")
            }
        }
    }

    @Test func `bytes that are no message are INVALID_ARGUMENT`() async throws {
        let broken: [[UInt8]] = [
            // Field 2 with the length 2^63, 2^63 - 1, 2^32 - 1, 2^64 - 1, and one that never ends.
            [0x12] + Array(repeating: 0x80, count: 9) + [1],
            [0x12] + Array(repeating: 0xFF, count: 8) + [0x7F],
            [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x12] + Array(repeating: 0xFF, count: 9) + [1],
            [0x12] + Array(repeating: 0xFF, count: 40),
            // A wire type and a field number that there are not, groups without an end, a field cut short.
            [0x0F], [0x00, 0x00], Array(repeating: 0x0B, count: 100_000), [0x0A], [0x08],
        ]
        let methods = [
            ("build.bazel.remote.execution.v2.ContentAddressableStorage", "FindMissingBlobs"),
            ("build.bazel.remote.execution.v2.ContentAddressableStorage", "BatchUpdateBlobs"),
            ("build.bazel.remote.execution.v2.ContentAddressableStorage", "BatchReadBlobs"),
            ("build.bazel.remote.execution.v2.ContentAddressableStorage", "GetTree"),
            ("build.bazel.remote.execution.v2.ActionCache", "GetActionResult"),
            ("build.bazel.remote.execution.v2.ActionCache", "UpdateActionResult"),
            ("build.bazel.remote.execution.v2.Capabilities", "GetCapabilities"),
            ("buildstream.v2.ReferenceStorage", "GetReference"),
            ("buildstream.v2.ReferenceStorage", "UpdateReference"),
            ("google.bytestream.ByteStream", "Read"), ("google.bytestream.ByteStream", "Write"),
            ("google.bytestream.ByteStream", "QueryWriteStatus"),
        ]
        try await besideOthers { _, client in
            for (service, name) in methods {
                for bytes in broken {
                    let found = try await code { try await client.call(service, name, bytes) }
                    #expect(found == .invalidArgument, "\(name) \(bytes.prefix(20))")
                }
            }
        }
    }

    @Test func `digests that are none are INVALID_ARGUMENT, one by one or as a whole`() async throws {
        let hash = try Blob(seed: 1, size: 1).digest.hexadecimal
        let (start, end) = (String(hash.dropLast()), String(hash.dropFirst()))
        let hashes: [String] = [
            "../../../../etc/passwd", "../" + end.dropFirst(2), hash.uppercased(), start + "\0", "\0" + hash,
            hash + "0", start, "", "g" + end, start + "é", String(repeating: "a", count: 100_000),
        ]
        var claims = hashes.map { DigestClaim(nil, hash: $0, size: 1) }
        claims += [-1, Int64.min].map { DigestClaim(nil, hash: hash, size: $0) }
        try await besideOthers { _, client in
            let good = try Blob(seed: 2, size: 50)
            let cas = ContentAddressableStorageMethods.self
            for claim in claims {
                let update = BatchUpdateBlobsRequest(requests: [
                    .init(digest: claim, data: ByteChain(Bytes(utf8: "x"))),
                    .init(digest: .wellFormed(good.digest), data: ByteChain(good.bytes)),
                ])
                let updated = try await client.channel.call(cas.batchUpdateBlobs, update).responses
                #expect(updated.map(\.status.code) == [.invalidArgument, .ok])
                let read = BatchReadBlobsRequest(digests: [claim, .wellFormed(good.digest)])
                let answers = try await client.channel.call(cas.batchReadBlobs, read).responses
                #expect(answers.map(\.status.code) == [.invalidArgument, .ok])
                guard case .malformed(let hash, let size, _) = claim else { continue }
                var reference = UpdateReferenceRequest()
                reference.keys = ["k"]
                reference.digest.hash = hash
                reference.digest.sizeBytes = size
                let found = try await code {
                    _ = try await client.channel.call(ReferenceStorageMethods.updateReference, reference)
                }
                #expect(found == .invalidArgument)
            }
            for hash in hashes {
                for name in ["blobs/\(hash)/1", "uploads/u/blobs/\(hash)/1"] {
                    #expect(
                        try await code { _ = try await client.read(named: name) } == .invalidArgument,
                        "\(name)")
                }
            }
        }
    }

    @Test func `sizes at the end of their range neither crash nor fill the server`() async throws {
        let blob = try Blob(seed: 3, size: 1000)
        let hash = blob.digest.hexadecimal
        try await besideOthers { _, client in
            try await client.store([blob])
            let cas = ContentAddressableStorageMethods.self
            let huge = DigestClaim(nil, hash: hash, size: .max)
            for count in 1...3 {
                let update = BatchUpdateBlobsRequest(
                    requests: Array(repeating: .init(digest: huge, data: ByteChain(blob.bytes)), count: count)
                )
                let updated = try await code {
                    _ = try await client.channel.call(cas.batchUpdateBlobs, update)
                }
                #expect(updated == .invalidArgument)
                let read = BatchReadBlobsRequest(digests: Array(repeating: huge, count: count))
                #expect(
                    try await code { _ = try await client.channel.call(cas.batchReadBlobs, read) }
                        == .invalidArgument)
            }
            for size in [
                "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e3", "+5", "", " 5",
            ] {
                #expect(
                    try await code { _ = try await client.read(named: "blobs/\(hash)/\(size)") }
                        == .invalidArgument)
                #expect(
                    try await writing("uploads/u/blobs/\(hash)/\(size)", blob, client) == .invalidArgument)
            }
            #expect(
                try await code { _ = try await client.read(named: "blobs/\(hash)/\(Int.max)") } == .notFound)
            #expect(try await writing("uploads/u/blobs/\(hash)/\(Int.max)", blob, client) == .invalidArgument)
            for (offset, limit, expected) in [
                (1, .max, .ok), (.max, 0, .outOfRange), (.max, .max, .outOfRange), (.min, 0, .outOfRange),
                (0, .min, .invalidArgument),
            ] as [(Int64, Int64, RPCStatus.Code)] {
                var request = ReadRequest()
                request.resourceName = "blobs/\(blob.digest)"
                request.readOffset = offset
                request.readLimit = limit
                let found = try await code {
                    let responses = try client.channel.call(ByteStreamMethods.read, request)
                    while try await responses.next() != nil {}
                }
                #expect(found == expected, "offset \(offset), limit \(limit)")
            }
            for (pageSize, token) in [(Int32.min, ""), (-1, ""), (1, "../../x"), (1, "\0"), (.max, "~~~~")] {
                var request = GetTreeRequest()
                request.rootDigest = DigestMessage(blob.digest)
                request.pageSize = pageSize
                request.pageToken = token
                let found = try await code {
                    let responses = try client.channel.call(cas.getTree, request)
                    while try await responses.next() != nil {}
                }
                #expect(found == .invalidArgument, "page_size \(pageSize), page_token \(token)")
            }
        }
    }

    @Test func `keys of references that are no relative paths are INVALID_ARGUMENT`() async throws {
        let keys = [
            "", "..", "../x", "a/../b", "a/..", ".", "./a", "/etc/passwd", "a//b", "a/", "a\0b", "a\nb",
            "\u{7F}",
            String(repeating: "k", count: 4097),
        ]
        try await besideOthers { _, client in
            let root = try Blob(Bytes())
            for key in keys {
                #expect(
                    try await code { try await client.updateReference(key, to: root.digest) }
                        == .invalidArgument)
                #expect(try await code { _ = try await client.reference(key) } == .invalidArgument)
            }
            try await client.updateReference(String(repeating: "k", count: 4096), to: root.digest)
        }
    }

    private func writing(_ name: String, _ blob: Blob, _ client: CacheClient) async throws -> RPCStatus.Code {
        try await code {
            let requests = client.channel.call(ByteStreamMethods.write)
            _ = try await requests.send(
                WriteRequest(resourceName: name, finishWrite: true, data: ByteChain(blob.bytes)))
            _ = try await requests.finish()
        }
    }
}

/// A client that stores and reads until it is told to stop.
private final class Neighbour: Sendable {
    private let client: CacheClient
    private let isStopped = Mutex(false)

    init(_ client: CacheClient) {
        self.client = client
    }

    func stop() {
        isStopped.withLock { $0 = true }
    }

    /// Returns how many times it stored and read; throws what failed.
    func work() async throws -> Int {
        var rounds = 0
        repeat {
            let blobs = try [100, 70_000, 1 << 20].map { try Blob(seed: .random(in: 0 ... .max), size: $0) }
            try await client.store([blobs[0], blobs[1]])
            try await client.write(blobs[2])
            for blob in blobs {
                guard try await client.read(blob.digest) == blob.bytes else {
                    throw ChildProcessError("\(blob.digest) was acknowledged and does not read back.")
                }
            }
            rounds += 1
            try await Task.sleep(for: .milliseconds(1))
        } while !isStopped.withLock { $0 }
        return rounds
    }
}
