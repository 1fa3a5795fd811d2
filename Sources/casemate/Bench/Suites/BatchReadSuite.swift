// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CoreGRPC
import RemoteAPI

/// BatchReadBlobs of small blobs that the server has, each of them asked for a few times.
struct BatchReadSuite: BenchSuite {
    /// How often each blob is read.
    private static let readsPerBlob = 4

    let blobs: Int
    let streams: Int
    var unit: BenchUnit { .blobs }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let size = BatchUpdateSuite.blobSize
        let present = try await target.presentBlobs(max(1, blobs / Self.readsPerBlob), size: size)
        let asked = (0..<blobs).map { present[$0 % present.count] }
        let requests = asked.cut(into: target.blobsPerBatch(size: size)).map { batch in
            BatchReadBlobsRequest(
                instanceName: target.instance.text, digests: batch.map { .wellFormed($0) },
                digestFunction: .sha256)
        }
        let channels = try await target.connect(streams: streams)
        try await Self.verify(requests[0], channels[0])
        return { try await channels.share(requests) { try await Self.read($0, $1) } }
    }

    /// Reads a batch and checks that every blob came in its length.
    private static func read(_ request: BatchReadBlobsRequest, _ channel: Channel) async throws -> BenchTally
    {
        let answer = try await channel.call(ContentAddressableStorageMethods.batchReadBlobs, request)
        guard answer.responses.count == request.digests.count else {
            throw BenchFailure(
                "Expected \(request.digests.count) blobs of a batch, got \(answer.responses.count).")
        }
        var tally = BenchTally(calls: 1, entries: answer.responses.count)
        for response in answer.responses {
            guard response.status.code == .ok else { throw response.status }
            guard response.data.count == BatchUpdateSuite.blobSize else {
                throw BenchFailure(
                    "Expected \(BatchUpdateSuite.blobSize) bytes of a blob, got \(response.data.count).")
            }
            tally.bytes += response.data.count
        }
        return tally
    }

    /// Checks every byte of one batch.
    private static func verify(_ request: BatchReadBlobsRequest, _ channel: Channel) async throws {
        let answer = try await channel.call(ContentAddressableStorageMethods.batchReadBlobs, request)
        for response in answer.responses {
            guard response.status.code == .ok else { throw response.status }
            let digest = try response.digest.get()
            guard try Digest.of(response.data) == digest else {
                throw BenchFailure("The server sent other bytes for \(digest) than were stored.")
            }
        }
    }
}
