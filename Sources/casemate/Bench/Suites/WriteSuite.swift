// SPDX-License-Identifier: Apache-2.0

/// ByteStream Write of a fresh blob for each stream, over connections of their own.
struct WriteSuite: BenchSuite {
    let size: Int
    let streams: Int
    var unit: BenchUnit { .bytes }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let blobs = try await target.freshBlobs(streams, size: size)
        let channels = try await target.connect(streams: streams)
        return { try await channels.share(blobs) { try await target.write($0, over: $1) } }
    }
}
