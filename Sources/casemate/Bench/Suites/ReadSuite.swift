// SPDX-License-Identifier: Apache-2.0

/// ByteStream Read of one blob that the server has just sent once before, over a connection for each stream.
struct ReadSuite: BenchSuite {
    let size: Int
    let streams: Int
    var unit: BenchUnit { .bytes }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let digest = try await target.presentBlob(size: size)
        let channels = try await target.connect(streams: streams)
        return {
            try await inParallel(channels) { [try await target.read(digest, over: $0)] }
                .reduce(BenchTally(), +)
        }
    }
}
