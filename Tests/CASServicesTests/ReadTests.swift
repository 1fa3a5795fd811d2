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
    func read(_ name: String, from offset: Int64 = 0, limit: Int64 = 0) async throws -> ByteChain {
        let request = ReadRequest.with {
            $0.resourceName = name
            $0.readOffset = offset
            $0.readLimit = limit
        }
        let responses = try channel.call(ByteStreamMethods.read, request)
        var data = ByteChain()
        while let response = try await responses.next() { data.append(response.data) }
        return data
    }
}

@Suite struct ReadTests {
    let blob = Content(size: 3000)

    @Test func `R1, N6, a blob that is missing or has another size is NOT_FOUND`() async throws {
        try await CacheServer.run { (cache) async throws in
            try await cache.keep(blob)
            let absent = Content("never stored").digest
            await expect(.notFound) { _ = try await cache.read("blobs/\(absent)") }
            await expect(.notFound) { _ = try await cache.read("blobs/\(blob.digest.hexadecimal)/2999") }
        }
    }

    @Test(
        arguments: [
            ("R2", -1, 0, nil, RPCStatus.Code.outOfRange), ("R2", 3001, 0, nil, .outOfRange),
            ("R2", .max, 0, nil, .outOfRange), ("R2", .min, 1, nil, .outOfRange),
            ("R3", 3000, 0, 3000..<3000, .ok),
            ("R3", 3000, 5, 3000..<3000, .ok), ("R4", 0, -1, nil, .invalidArgument),
            ("R4", 0, .min, nil, .invalidArgument),
            ("R5", 0, 0, 0..<3000, .ok), ("R5", 10, 0, 10..<3000, .ok), ("R5", 10, 1, 10..<11, .ok),
            ("R5", 2999, 50, 2999..<3000, .ok), ("R5", 0, .max, 0..<3000, .ok),
            ("R5", 1, 2999, 1..<3000, .ok),
        ] as [(String, Int64, Int64, Range<Int>?, RPCStatus.Code)])
    func `R2-R5, offset and limit cut the blob`(
        row: String, offset: Int64, limit: Int64, range: Range<Int>?, expected: RPCStatus.Code
    ) async throws {
        try await CacheServer.run { (cache) async throws in
            try await cache.keep(blob)
            var found = ByteChain()
            let code = await code {
                found = try await cache.read("blobs/\(blob.digest)", from: offset, limit: limit)
            }
            #expect(code == expected, "\(row)")
            if let range { #expect(found == ByteChain(blob.bytes[range]), "\(row)") }
        }
    }

    @Test(
        arguments: [
            ("N9", "blobs/D", RPCStatus.Code.ok), ("N9", "main/blobs/D", .ok), ("N9", "a/b/c/blobs/D", .ok),
            ("N9", "D", .ok),
            ("N8, R6, R7", "compressed-blobs/zstd/D", .invalidArgument),
            ("N8", "compressed-blobs/lzma/D", .invalidArgument),
            ("N8", "compressed-blobs/identity/D", .invalidArgument),
            ("N10", "blobs/blake3/D", .invalidArgument),
            ("N10", "blobs/nonsense/D", .invalidArgument), ("N11", "a//b/blobs/D", .invalidArgument),
            ("N11", "a/uploads/blobs/D", .invalidArgument), ("N11", "/blobs/D", .invalidArgument),
            ("N1", "blobs/d41d/3000", .invalidArgument),
            ("N1", "blobs/D0", .notFound), ("N1", "blobs/D/x", .invalidArgument),
            ("N1", "blobs/U", .invalidArgument),
            ("N3", "blobs/da39a3ee5e6b4b0d3255bfef95601890afd80709/0", .invalidArgument),
            ("", "", .invalidArgument),
            ("N1", "blobs/Z", .invalidArgument), ("N1", "blobs/N", .invalidArgument),
            ("", "\u{0}", .invalidArgument),
            (
                "N5", "blobs/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/1",
                .invalidArgument
            ),
            ("N4", "blobs/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/0", .ok),
        ] as [(String, String, RPCStatus.Code)])
    func `N1-N11, names of blobs`(row: String, pattern: String, expected: RPCStatus.Code) async throws {
        try await CacheServer.run { (cache) async throws in
            try await cache.keep(blob)
            let hash = blob.digest.hexadecimal
            let name =
                pattern.replacing("D", with: "\(blob.digest)").replacing(
                    "U", with: "\(hash.uppercased())/3000"
                )
                .replacing("Z", with: "\(hash)/03000").replacing("N", with: "\(hash)/-3000")
            await expect(expected, "\(row) \(name)") { _ = try await cache.read(name) }
        }
    }

    @Test func `R8, wrong stored bytes are NOT_FOUND before the first and DATA_LOSS after it`() async throws {
        let missing = StoreError(.notFound, "The blob is damaged.")
        try await CacheServer.run(over: { FaultyBlobStore($0, failingWith: missing) }) {
            (cache) async throws in
            try await cache.keep(blob)
            await expect(.notFound) { _ = try await cache.read("blobs/\(blob.digest)") }
        }
        let damaged = StoreError(.corruption, "The blob is damaged.")
        try await CacheServer.run(over: { FaultyBlobStore($0, failingWith: damaged, afterPieces: 1) }) {
            (cache) async throws in
            try await cache.keep(blob)
            await expect(.dataLoss) { _ = try await cache.read("blobs/\(blob.digest)") }
        }
    }

    @Test func `what fails in the store is INTERNAL with a number and nothing else`() async throws {
        let failure = StoreError(.failed, "Cannot open /var/lib/casemate/objects/ab.")
        try await CacheServer.run(expectingFailures: 1, over: { FaultyBlobStore($0, failingWith: failure) }) {
            (cache) async throws in
            try await cache.keep(blob)
            let error = await #expect(throws: RPCStatus.self) {
                _ = try await cache.read("blobs/\(blob.digest)")
            }
            #expect(error?.code == .internal)
            #expect(error?.message.contains("/var") == false)
        }
    }

    @Test func `a blob of many pieces arrives whole`() async throws {
        try await CacheServer.run { (cache) async throws in
            let large = Content(size: 5 << 20)
            let pieces = stride(from: 0, to: 5 << 20, by: 1 << 19).map { large.bytes[$0..<$0 + 1 << 19] }
            try await cache.store.storeWhole([WholeBlob(large.digest, ByteChain(pieces))])[0].get()
            #expect(try await cache.read("blobs/\(large.digest)") == ByteChain(large.bytes))
        }
    }
}
