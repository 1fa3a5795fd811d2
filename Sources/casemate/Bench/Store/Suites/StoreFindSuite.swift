// SPDX-License-Identifier: Apache-2.0

import CASModel

/// Asking which blobs are missing, in a random order; every other one is.
struct StoreFindSuite: StoreSuite {
    private static let digestsAtOnce = 512

    let blobs: Int

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        let present = try await StoreBlobs(blobs)
        let absent = Set(try await StoreBlobs(blobs).blobs.map(\.digest))
        let digests = (present.blobs.map(\.digest) + absent).shuffled()
        var reports: [StoreReport] = []
        for kind in ComparedStores.allCases {
            let stopwatch = try await kind.use(in: folder) { store in
                try await present.put(into: store)
                return try await Self.find(digests, absent: absent, in: store)
            }
            reports.append(StoreReport(.find, store: kind.rawValue, digests.count, "digest", stopwatch))
        }
        return reports
    }

    private static func find(
        _ digests: [Digest], absent: Set<Digest>, in store: any ComparedStore
    ) async throws -> Stopwatch {
        var stopwatch = Stopwatch()
        for batch in digests.cut(into: digestsAtOnce) {
            try Task.checkCancellation()
            let batch = Array(batch)
            let missing = try await stopwatch.time { try await store.missing(among: batch) }
            guard missing == batch.filter(absent.contains) else {
                throw BenchFailure("A store named other blobs as missing than those that are.")
            }
        }
        return stopwatch
    }
}
