// SPDX-License-Identifier: Apache-2.0

/// BatchUpdateBlobs of fresh blobs, in batches as large as the server announces.
struct BatchUpdateSuite: BenchSuite {
    /// The size of the blobs of both batch suites, in bytes.
    static let blobSize = 4 << 10

    let blobs: Int
    let streams: Int
    var unit: BenchUnit { .blobs }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let requests = target.updates(try await target.freshBlobs(blobs, size: Self.blobSize))
        let channels = try await target.connect(streams: streams)
        return { try await channels.share(requests) { try await target.update($0, over: $1) } }
    }
}
