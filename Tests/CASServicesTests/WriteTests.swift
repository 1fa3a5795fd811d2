// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import RemoteAPI
import SwiftProtobuf
import Testing

extension CacheServer {
    /// Writes these messages and half-closes, unless the server answers earlier.
    func write(_ messages: WriteRequest...) async throws -> Int64 {
        let call = channel.call(ByteStreamMethods.write)
        for message in messages {
            guard try await call.send(message) else { break }
        }
        return try await call.finish().committedSize
    }

    func queryWriteStatus(_ name: String) async throws -> QueryWriteStatusResponse {
        try await channel.call(ByteStreamMethods.queryWriteStatus, .with { $0.resourceName = name })
    }

    /// Returns when the server has `count` bytes of the upload.
    func untilKept(_ count: Int64, of name: String) async throws {
        while try await queryWriteStatus(name).committedSize != count { await Task.yield() }
    }
}

func part(
    _ blob: Content, _ range: Range<Int>? = nil, name: String = "", at offset: Int? = nil,
    finish: Bool = false
) -> WriteRequest {
    let range = range ?? 0..<blob.digest.size
    return WriteRequest(
        resourceName: name, writeOffset: Int64(offset ?? range.lowerBound), finishWrite: finish,
        data: ByteChain(blob.bytes[range]))
}

@Suite struct WriteTests {
    let blob = Content(size: 3000)
    var name: String { "uploads/6d2b/blobs/\(blob.digest)" }

    @Test func `W8, a blob written in one or many messages is there`() async throws {
        try await CacheServer.run { (cache) async throws in
            #expect(try await cache.write(part(blob, name: name, finish: true)) == 3000)
            #expect(try await cache.read("blobs/\(blob.digest)") == ByteChain(blob.bytes))
            let other = Content(size: 3000, salt: 1)
            let otherName = "uploads/6d2b/blobs/\(other.digest)"
            let written = try await cache.write(
                part(other, 0..<1000, name: otherName), part(other, 1000..<2999, name: otherName),
                part(other, 2999..<3000, finish: true))
            #expect(written == 3000)
            #expect(try await cache.read("blobs/\(other.digest)") == ByteChain(other.bytes))
        }
    }

    @Test func `W1, a first message without a name and a call without a message are INVALID_ARGUMENT`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            await expect(.invalidArgument) { _ = try await cache.write(part(blob, finish: true)) }
            await expect(.invalidArgument) { _ = try await cache.write() }
        }
    }

    @Test func `W2, a later name must be empty or equal`() async throws {
        try await CacheServer.run { (cache) async throws in
            let other = "uploads/other/blobs/\(blob.digest)"
            let messages = [part(blob, 0..<9, name: name), part(blob, 9..<3000, name: other, finish: true)]
            await expect(.invalidArgument) { _ = try await cache.write(messages[0], messages[1]) }
            await expect(.notFound) { _ = try await cache.read("blobs/\(blob.digest)") }
        }
    }

    @Test func `W3, offsets go on where the upload stands`() async throws {
        try await CacheServer.run { (cache) async throws in
            for offset in [7, -1, .max, .min] {
                let message = part(blob, 0..<9, name: name, at: offset)
                await expect(.invalidArgument, "\(offset)") { _ = try await cache.write(message) }
            }
            for offset in [0, 8, 10, -9, .max] {
                let second = part(blob, 9..<20, at: offset)
                let code = await code { _ = try await cache.write(part(blob, 0..<9, name: name), second) }
                #expect(code == .invalidArgument, "\(offset)")
            }
            #expect(try await cache.write(part(blob, name: name, finish: true)) == 3000)
        }
    }

    @Test func `W4, nothing follows the message that finishes`() async throws {
        try await CacheServer.run { (cache) async throws in
            for second in [part(blob, 0..<1, at: 3000), WriteRequest(writeOffset: 3000, finishWrite: true)] {
                let other = Content(size: 3000, salt: second.data.count + 2)
                let first = part(other, name: "uploads/u/blobs/\(other.digest)", finish: true)
                await expect(.invalidArgument) { _ = try await cache.write(first, second) }
            }
        }
    }

    @Test func `W5, Q2, W3, W14, what was written before a half-close is kept and resumed`() async throws {
        try await CacheServer.run { (cache) async throws in
            await expect(.invalidArgument) { _ = try await cache.write(part(blob, 0..<1200, name: name)) }
            #expect(try await cache.queryWriteStatus(name) == .with { $0.committedSize = 1200 })
            let wrong = part(blob, 1000..<3000, name: name, finish: true)
            await expect(.invalidArgument) { _ = try await cache.write(wrong) }
            #expect(try await cache.write(part(blob, 1200..<3000, name: name, finish: true)) == 3000)
            #expect(try await cache.read("blobs/\(blob.digest)") == ByteChain(blob.bytes))
        }
    }

    @Test func `W14, what was written before the client vanished is kept and resumed`() async throws {
        try await CacheServer.run { (cache) async throws in
            let call = cache.channel.call(ByteStreamMethods.write)
            #expect(try await call.send(part(blob, 0..<700, name: name)))
            try await cache.untilKept(700, of: name)
            call.cancel()
            await expect(.cancelled) { _ = try await call.response() }
            #expect(try await cache.write(part(blob, 700..<3000, name: name, finish: true)) == 3000)
            #expect(try await cache.queryWriteStatus(name).complete)
        }
    }

    @Test func `W3, an offset of 0 starts anew`() async throws {
        try await CacheServer.run { (cache) async throws in
            let rubbish = Content(size: 900, salt: 77)
            let first = WriteRequest(resourceName: name, data: ByteChain(rubbish.bytes))
            await expect(.invalidArgument) { _ = try await cache.write(first) }
            #expect(try await cache.write(part(blob, name: name, finish: true)) == 3000)
        }
    }

    @Test func `W6, too little, too much and something else are INVALID_ARGUMENT and leave nothing`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            let other = Content(size: 3000, salt: 9)
            let long = Content(size: 3001)
            for content in [part(blob, 0..<2999), part(other), part(long), part(blob, 0..<0)] {
                let message = WriteRequest(resourceName: name, finishWrite: true, data: content.data)
                await expect(.invalidArgument) { _ = try await cache.write(message) }
                await expect(.notFound) { _ = try await cache.read("blobs/\(blob.digest)") }
                #expect(try await cache.queryWriteStatus(name) == QueryWriteStatusResponse())
            }
        }
    }

    @Test func `W6, too much is refused at once, without waiting for the end`() async throws {
        try await CacheServer.run { (cache) async throws in
            let call = cache.channel.call(ByteStreamMethods.write)
            _ = try await call.send(
                WriteRequest(resourceName: name, data: ByteChain(Content(size: 3001).bytes)))
            await expect(.invalidArgument) { _ = try await call.response() }
        }
    }

    @Test func `W7, a blob that is there is answered at once, without reading the rest`() async throws {
        try await CacheServer.run { (cache) async throws in
            try await cache.keep(blob)
            let call = cache.channel.call(ByteStreamMethods.write)
            _ = try await call.send(part(blob, 0..<1, name: name))
            #expect(try await call.response().committedSize == 3000)
            // Wherever the client believes to stand.
            #expect(try await cache.write(part(blob, 5..<6, name: name)) == 3000)
        }
    }

    @Test func `W10, a blob above the limit is refused before its data is read`() async throws {
        var limits = ServiceLimits()
        limits.maximumBlobSize = 2999
        try await CacheServer.run(limits: limits) { (cache) async throws in
            let call = cache.channel.call(ByteStreamMethods.write)
            _ = try await call.send(WriteRequest(resourceName: name))
            await expect(.invalidArgument) { _ = try await call.response() }
        }
    }

    @Test func `W11, no space is RESOURCE_EXHAUSTED`() async throws {
        var configuration = MemoryStore.Configuration()
        configuration.byteLimit = 2000
        try await CacheServer.run(store: MemoryStore(configuration)) { (cache) async throws in
            let message = part(blob, name: name, finish: true)
            await expect(.resourceExhausted) { _ = try await cache.write(message) }
        }
    }

    @Test func `W12, messages without data and the empty blob are fine`() async throws {
        try await CacheServer.run { (cache) async throws in
            let written = try await cache.write(
                WriteRequest(resourceName: name), part(blob, 0..<3000), WriteRequest(writeOffset: 3000),
                WriteRequest(writeOffset: 3000, finishWrite: true))
            #expect(written == 3000)
            let empty = WriteRequest(
                resourceName: "uploads/u/blobs/\(Content("").digest)", finishWrite: true)
            #expect(try await cache.write(empty) == 0)
        }
    }

    @Test func `W13, a second opening takes over and the first ends ABORTED`() async throws {
        try await CacheServer.run { (cache) async throws in
            let first = cache.channel.call(ByteStreamMethods.write)
            #expect(try await first.send(part(blob, 0..<500, name: name)))
            try await cache.untilKept(500, of: name)
            let second = cache.channel.call(ByteStreamMethods.write)
            #expect(try await second.send(part(blob, 0..<300, name: name)))
            try await cache.untilKept(300, of: name)
            _ = try await first.send(part(blob, 500..<600))
            await expect(.aborted) { _ = try await first.finish() }
            #expect(try await second.send(part(blob, 300..<3000, finish: true)))
            #expect(try await second.finish().committedSize == 3000)
        }
    }

    @Test func `Q1, Q3, a blob that is there is complete, an unknown upload stands at 0`() async throws {
        try await CacheServer.run { (cache) async throws in
            #expect(try await cache.queryWriteStatus(name) == QueryWriteStatusResponse())
            try await cache.keep(blob)
            let status = try await cache.queryWriteStatus("main/" + name)
            #expect(status.complete && status.committedSize == 3000)
        }
    }

    @Test func `N12, one identifier serves many blobs and instances`() async throws {
        try await CacheServer.run { (cache) async throws in
            for salt in 0..<10 {
                let blob = Content(size: 100, salt: salt)
                let name = "uploads/same/blobs/\(blob.digest)"
                await expect(.invalidArgument) { _ = try await cache.write(part(blob, 0..<40, name: name)) }
                #expect(try await cache.queryWriteStatus("main/" + name).committedSize == 0)
                #expect(try await cache.write(part(blob, 40..<100, name: name, finish: true)) == 100)
            }
        }
    }

    @Test(
        arguments: [
            ("N7", "uploads/u/blobs/D", RPCStatus.Code.ok), ("N7", "a/b/uploads/u/blobs/D/foo/bar.txt", .ok),
            ("N8", "uploads/u/compressed-blobs/zstd/D", .invalidArgument),
            ("N12", "uploads//blobs/D", .invalidArgument),
            ("N7", "blobs/D", .invalidArgument), ("N7", "uploads/u/blobs/D/", .ok),
            ("N11", "/uploads/u/blobs/D", .invalidArgument),
            ("N3", "uploads/u/blobs/sha256tree/D", .invalidArgument),
            ("N11", "operations/uploads/u/blobs/D", .invalidArgument),
        ] as [(String, String, RPCStatus.Code)])
    func `N7-N12, names of uploads`(row: String, pattern: String, expected: RPCStatus.Code) async throws {
        try await CacheServer.run { (cache) async throws in
            let name = pattern.replacing("D", with: "\(blob.digest)")
            let message = part(blob, name: name, finish: true)
            await expect(expected, "\(row) \(name)") { _ = try await cache.write(message) }
            let query = await code { _ = try await cache.queryWriteStatus(name) }
            #expect(query == expected, "\(row) \(name)")
        }
    }
}
