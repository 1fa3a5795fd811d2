// SPDX-License-Identifier: Apache-2.0

import CASModel

/// Reading every blob once in a random order, from memory where the system has it there. Whether it is the right one
/// is checked outside of the times; what a store checks itself is in them.
struct StoreGetSuite: StoreSuite {
    let blobs: Int

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        let content = try await StoreBlobs(blobs)
        let digests = content.blobs.map(\.digest).shuffled()
        var reports: [StoreReport] = []
        for kind in ComparedStores.allCases {
            let stopwatch = try await kind.use(in: folder) { store in
                try await content.put(into: store)
                return try await Self.read(digests, from: store)
            }
            reports.append(StoreReport(.get, store: kind.rawValue, blobs, "blob", stopwatch))
        }
        return reports
    }

    private static func read(_ digests: [Digest], from store: any ComparedStore) async throws -> Stopwatch {
        var stopwatch = Stopwatch()
        for batch in digests.cut(into: StoreBlobs.batch) {
            try Task.checkCancellation()
            let batch = Array(batch)
            let contents = try await stopwatch.time { try await store.get(batch) }
            guard try contents.map({ try Digest.of($0) }) == batch else {
                throw BenchFailure("A store returned other content than was put in.")
            }
        }
        return stopwatch
    }
}
