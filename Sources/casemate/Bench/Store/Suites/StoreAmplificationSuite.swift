// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore

/// How many bytes are written for each one that is stored in a full store, of whose blobs an eighth is in use all
/// the time, as the kernel counts them for this process: segments, index and files, but not the journal of the
/// file system.
struct StoreAmplificationSuite: StoreSuite {
    /// How many blobs fill the store.
    let blobs: Int

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        let first = try await StoreBlobs(blobs)
        let more = try await StoreBlobs(2 * blobs)
        let used = first.blobs.prefix(blobs / 8).map(\.digest)
        return [
            try await folder.using("casemate") { path in
                let store = try BoundedStore(at: path, limit: first.byteCount)
                defer { store.close() }
                _ = try await Self.put(first, into: store, using: [])
                let before = try WrittenBytes.now()
                let (stopwatch, refusals) = try await Self.put(more, into: store, using: used)
                let written = try WrittenBytes.now() - before
                var report = StoreReport(
                    .amplification, store: "casemate", more.blobs.count, "blob", stopwatch)
                report.figures = [
                    "written per stored": Double(written) / Double(more.byteCount),
                    "refusals": Double(refusals),
                ]
                return report
            }
        ]
    }

    private static func put(
        _ content: StoreBlobs, into store: BoundedStore, using used: [Digest]
    ) async throws -> (Stopwatch, refusals: Int) {
        var stopwatch = Stopwatch()
        var refusals = 0
        for part in content.blobs.cut(into: StoreBlobs.batch) {
            try Task.checkCancellation()
            let batch = part.map { WholeBlob($0.digest, $0.whole) }
            refusals += try await stopwatch.time {
                try await store.use(used)
                return try await store.put(batch)
            }
        }
        return (stopwatch, refusals)
    }
}
