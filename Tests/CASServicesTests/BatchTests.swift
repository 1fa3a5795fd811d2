// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import RemoteAPI
import SwiftProtobuf
import Testing

@Suite struct BatchTests {
    typealias Methods = ContentAddressableStorageMethods

    let one = Content("one")
    let two = Content("two")
    let malformed = DigestClaim(nil, hash: "not a hash", size: 7)

    private func entry(_ content: Content, as digest: DigestClaim? = nil) -> BatchUpdateBlobsRequest.Request {
        .init(digest: digest ?? .wellFormed(content.digest), data: ByteChain(content.bytes))
    }

    @Test func `F1, exactly the blobs that a read would not find, in their order`() async throws {
        try await CacheServer.run { (cache) async throws in
            try await cache.keep(one)
            let otherSize = try Digest(.sha256, hexadecimal: one.digest.hexadecimal, size: 4)
            let asked = [one.digest, two.digest, Content("").digest, otherSize, two.digest, one.digest]
            let request = FindMissingBlobsRequest(instanceName: "main", blobDigests: asked)
            let missing = try await cache.channel.call(Methods.findMissingBlobs, request).missingBlobDigests
            #expect(missing == [two.digest, otherSize, two.digest])
        }
    }

    @Test func `F1, 200,000 digests are one question`() async throws {
        try await CacheServer.run { (cache) async throws in
            let digests = (0..<200_000).map { size in
                try! Digest(.sha256, hexadecimal: one.digest.hexadecimal, size: size + 4)
            }
            let request = FindMissingBlobsRequest(blobDigests: digests + [one.digest])
            try await cache.keep(one)
            let missing = try await cache.channel.call(Methods.findMissingBlobs, request).missingBlobDigests
            #expect(missing == digests)
        }
    }

    @Test func `F1, N1-N3, a digest that is malformed or of a function not offered spoils the question`()
        async throws
    {
        // The generated message says what the hand-made one cannot.
        let raw = Method<
            CallKind.Unary, Build_Bazel_Remote_Execution_V2_FindMissingBlobsRequest, FindMissingBlobsResponse
        >(
            service: Methods.service, name: "FindMissingBlobs", request: .protobuf, response: .wire)
        let hash = one.digest.hexadecimal
        let rows: [(String, Int64, DigestFunctionMessage.Value, RPCStatus.Code)] = [
            (hash, 3, .unknown, .ok), (hash, 3, .sha256, .ok), (hash, -1, .unknown, .invalidArgument),
            (hash.uppercased(), 3, .unknown, .invalidArgument), ("", 0, .unknown, .invalidArgument),
            (String(hash.dropLast()), 3, .unknown, .invalidArgument), (hash, 3, .sha1, .invalidArgument),
            (hash, 3, .blake3, .invalidArgument), (hash, 3, .UNRECOGNIZED(99), .invalidArgument),
            (String(hash.prefix(40)), 3, .unknown, .invalidArgument),
            (Content("").digest.hexadecimal, 1, .unknown, .invalidArgument),
        ]
        try await CacheServer.run { (cache) async throws in
            for (hash, size, function, expected) in rows {
                let found = await code {
                    _ = try await cache.channel.call(
                        raw,
                        .with {
                            $0.digestFunction = function
                            $0.blobDigests = [
                                message(two.digest),
                                .with {
                                    $0.hash = hash
                                    $0.sizeBytes = size
                                },
                            ]
                        })
                }
                #expect(found == expected, "\(hash)/\(size) \(function)")
            }
        }
    }

    @Test func `U2, U3, a bad entry fails alone, in its place, with its digest as it came`() async throws {
        try await CacheServer.run { (cache) async throws in
            let shortened = DigestClaim.wellFormed(
                try Digest(.sha256, hexadecimal: one.digest.hexadecimal, size: 2))
            var packed = entry(Content("packed"))
            packed.compressor = .zstd
            var unknown = entry(Content("unknown"))
            unknown.compressor = nil
            let ofSHA1 = DigestClaim(nil, hash: String(one.digest.hexadecimal.prefix(40)), size: 3)
            let requests = [
                entry(one), entry(one, as: malformed), entry(two, as: .wellFormed(one.digest)), entry(two),
                entry(one, as: shortened), packed, unknown, entry(one), entry(one, as: ofSHA1),
                entry(Content("")),
            ]
            let responses = try await cache.channel.call(
                Methods.batchUpdateBlobs, BatchUpdateBlobsRequest(requests: requests)
            ).responses
            let bad = RPCStatus.Code.invalidArgument
            #expect(responses.map(\.status.code) == [.ok, bad, bad, .ok, bad, bad, bad, .ok, bad, .ok])
            #expect(responses.map { "\($0.digest)".prefix(90) } == requests.map { "\($0.digest)".prefix(90) })
            let missing = try await cache.store.missing(among: [
                one.digest, two.digest, Content("packed").digest,
            ])
            #expect(missing == [Content("packed").digest])
        }
    }

    @Test func `U1, B1, a batch over the limit is INVALID_ARGUMENT, one at the limit is fine`() async throws {
        var limits = ServiceLimits()
        limits.maximumBatchSize = 1000
        try await CacheServer.run(limits: limits) { (cache) async throws in
            let half = Content(size: 500)
            let half2 = Content(size: 500, salt: 1)
            let tiny = Content("x")
            func update(_ requests: BatchUpdateBlobsRequest.Request...) async -> RPCStatus.Code {
                await code {
                    _ = try await cache.channel.call(Methods.batchUpdateBlobs, .init(requests: requests))
                }
            }
            let huge = DigestClaim(nil, hash: one.digest.hexadecimal, size: .max)
            #expect(await update(entry(half), entry(half2)) == .ok)
            #expect(await update(entry(half), entry(half2), entry(tiny)) == .invalidArgument)
            #expect(
                await update(entry(half), entry(tiny, as: huge), entry(tiny, as: huge)) == .invalidArgument)
            #expect(
                await update(entry(Content(size: 1001), as: .wellFormed(tiny.digest))) == .invalidArgument)
            func read(_ digests: DigestClaim...) async -> RPCStatus.Code {
                await code {
                    _ = try await cache.channel.call(Methods.batchReadBlobs, .init(digests: digests))
                }
            }
            let claims = [half, half2, tiny].map { DigestClaim.wellFormed($0.digest) }
            #expect(await read(claims[0], claims[1]) == .ok)
            #expect(await read(claims[0], claims[1], claims[2]) == .invalidArgument)
            #expect(await read(huge, huge) == .invalidArgument)
        }
    }

    @Test func `U4, B2, §6, nothing at all is a question about rights`() async throws {
        try await CacheServer.run { (cache) async throws in
            #expect(try await cache.channel.call(Methods.batchUpdateBlobs, .init()).responses == [])
            #expect(try await cache.channel.call(Methods.batchReadBlobs, .init()).responses == [])
        }
        try await CacheServer.run(rights: .read) { (cache) async throws in
            await expect(.permissionDenied) {
                _ = try await cache.channel.call(Methods.batchUpdateBlobs, .init())
            }
            await expect(.ok) { _ = try await cache.channel.call(Methods.batchReadBlobs, .init()) }
        }
    }

    @Test func `B2, B3, an entry that is missing or malformed fails alone, the others are read as they are`()
        async throws
    {
        try await CacheServer.run { (cache) async throws in
            let large = Content(size: 100_000)
            try await cache.keep(one, large)
            let digests =
                [.wellFormed(one.digest), malformed, .wellFormed(two.digest), .wellFormed(large.digest)]
                as [DigestClaim]
            let request = BatchReadBlobsRequest(
                digests: digests + [.wellFormed(Content("").digest), digests[0]],
                acceptableCompressors: [.zstd])
            let responses = try await cache.channel.call(Methods.batchReadBlobs, request).responses
            #expect(responses.map(\.status.code) == [.ok, .invalidArgument, .notFound, .ok, .ok, .ok])
            #expect(responses[0].data == ByteChain(one.bytes) && responses[5].data == ByteChain(one.bytes))
            #expect(responses[3].data == ByteChain(large.bytes))
            #expect(responses[1].digest == malformed)
            #expect(responses.allSatisfy { $0.compressor == .identity })
        }
    }

    @Test func `an entry that the store fails at says nothing of why`() async throws {
        let failure = StoreError(.failed, "Cannot write /var/lib/casemate/segments/1.")
        try await CacheServer.run(over: { FaultyBlobStore($0, failingWith: failure) }) {
            (cache) async throws in
            let responses = try await cache.channel.call(
                Methods.batchUpdateBlobs, .init(requests: [entry(one), entry(one, as: malformed)])
            ).responses
            #expect(responses.map(\.status.code) == [.internal, .invalidArgument])
            #expect(!responses[0].status.message.contains("/var"))
        }
    }
}
