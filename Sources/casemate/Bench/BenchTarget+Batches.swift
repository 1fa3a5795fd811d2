// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CoreGRPC
import RemoteAPI

extension BenchTarget {
    /// Room for the digest and the framing of one blob in a message.
    private static let entryOverhead = 128

    /// How many blobs of `size` bytes fill a batch.
    func blobsPerBatch(size: Int) -> Int {
        max(1, batchSizeAtMost / (size + Self.entryOverhead))
    }

    /// Requests that store `blobs`, in full batches.
    func updates(_ blobs: [BenchBlob]) -> [BatchUpdateBlobsRequest] {
        guard let size = blobs.first?.digest.size else { return [] }
        return blobs.cut(into: blobsPerBatch(size: size)).map { batch in
            BatchUpdateBlobsRequest(
                instanceName: instance.text,
                requests: batch.map { .init(digest: .wellFormed($0.digest), data: $0.whole) },
                digestFunction: .sha256)
        }
    }

    /// Stores a batch and checks that every blob was taken.
    func update(_ request: BatchUpdateBlobsRequest, over channel: Channel) async throws -> BenchTally {
        let answer = try await channel.call(ContentAddressableStorageMethods.batchUpdateBlobs, request)
        guard answer.responses.count == request.requests.count else {
            throw BenchFailure(
                "Expected \(request.requests.count) answers of a batch, got \(answer.responses.count).")
        }
        for response in answer.responses where response.status.code != .ok { throw response.status }
        let bytes = request.requests.reduce(0) { $0 + $1.data.count }
        return BenchTally(bytes: bytes, calls: 1, entries: request.requests.count)
    }

    /// Stores `count` fresh blobs of `size` bytes and returns their digests.
    func presentBlobs(_ count: Int, size: Int) async throws -> [Digest] {
        let blobs = try await freshBlobs(count, size: size)
        let channel = try await connect()
        for request in updates(blobs) { _ = try await update(request, over: channel) }
        return blobs.map(\.digest)
    }
}

extension Array {
    /// Parts of `length` elements; the last may be shorter.
    func cut(into length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}

extension Array where Element == Channel {
    /// Hands `items` out to the connections, each of which works through its share one by one.
    func share<Item: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item, Channel) async throws -> BenchTally
    ) async throws -> BenchTally {
        try await inParallel(enumerated()) { number, channel in
            var tally = BenchTally()
            for position in stride(from: number, to: items.count, by: count) {
                tally = tally + (try await work(items[position], channel))
            }
            return [tally]
        }.reduce(BenchTally(), +)
    }
}
