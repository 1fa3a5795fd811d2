// SPDX-License-Identifier: Apache-2.0

import CASModel
import CoreGRPC
import RemoteAPI

/// FindMissingBlobs about blobs of which every other one is there.
struct FindMissingSuite: BenchSuite {
    private static let digestsPerCall = 512

    /// How many different calls there are: their digests do not fit the processor's caches.
    private static let differentCalls = 256

    /// The size of the blobs that are there; as small as can be told apart.
    private static let blobSize = 64

    let calls: Int
    let streams: Int
    var unit: BenchUnit { .digests }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let half = Self.digestsPerCall / 2
        let different = min(calls, Self.differentCalls)
        let present = try await target.presentBlobs(different * half, size: Self.blobSize)
        let missing = try await target.freshBlobs(different * half, size: Self.blobSize).map(\.digest)
        let requests = zip(present.cut(into: half), missing.cut(into: half)).map { present, missing in
            FindMissingBlobsRequest(
                instanceName: target.instance.text, blobDigests: zip(present, missing).flatMap { [$0, $1] },
                digestFunction: .sha256)
        }
        let channels = try await target.connect(streams: streams)
        try await Self.verify(requests[0], Set(missing.prefix(half)), channels[0])
        return {
            try await channels.share(Array(0..<calls)) { number, channel in
                try await Self.ask(requests[number % different], channel)
            }
        }
    }

    private static func ask(_ request: FindMissingBlobsRequest, _ channel: Channel) async throws -> BenchTally
    {
        let answer = try await channel.call(ContentAddressableStorageMethods.findMissingBlobs, request)
        guard answer.missingBlobDigests.count == request.blobDigests.count / 2 else {
            throw BenchFailure(
                "Expected \(request.blobDigests.count / 2) blobs to be missing, found "
                    + "\(answer.missingBlobDigests.count).")
        }
        return BenchTally(calls: 1, entries: request.blobDigests.count)
    }

    private static func verify(
        _ request: FindMissingBlobsRequest, _ missing: Set<Digest>, _ channel: Channel
    ) async throws {
        let answer = try await channel.call(ContentAddressableStorageMethods.findMissingBlobs, request)
        guard Set(answer.missingBlobDigests) == missing else {
            throw BenchFailure("The server named other blobs as missing than those that are.")
        }
    }
}
