// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// The blobs of a measurement, in the batches they are put in.
struct StoreBlobs: Sendable {
    /// The size of each blob, in bytes.
    static let size = 4 << 10

    /// How many blobs are put or read at once: a mebibyte.
    static let batch = 256

    let blobs: [BenchBlob]

    /// The bytes of all blobs.
    var byteCount: Int { blobs.count * Self.size }

    init(_ count: Int, of content: BenchContent = BenchContent()) async throws {
        // A task per blob would cost more than the blob.
        let counts = stride(from: 0, to: count, by: Self.batch).map { min(Self.batch, count - $0) }
        blobs = try await inParallel(counts) { count in
            try Task.checkCancellation()
            return try (0..<count).map { _ in try content.blob(size: Self.size) }
        }
    }

    /// Puts all into `store` and sees to it that they are there; returns what the store took for the former.
    @discardableResult
    func put(into store: any ComparedStore) async throws -> Stopwatch {
        var stopwatch = Stopwatch()
        for part in blobs.cut(into: Self.batch) {
            try Task.checkCancellation()
            let batch = part.map { WholeBlob($0.digest, $0.whole) }
            try await stopwatch.time { try await store.put(batch) }
        }
        guard try await store.missing(among: blobs.map(\.digest)).isEmpty else {
            throw BenchFailure("A store lacks blobs that were put in.")
        }
        return stopwatch
    }
}
