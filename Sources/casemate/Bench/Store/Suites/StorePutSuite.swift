// SPDX-License-Identifier: Apache-2.0

/// Keeping fresh blobs, a mebibyte of them at a time; hashing is in the times.
struct StorePutSuite: StoreSuite {
    let blobs: Int

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        let content = try await StoreBlobs(blobs)
        var reports: [StoreReport] = []
        for kind in ComparedStores.allCases {
            let stopwatch = try await kind.use(in: folder) { try await content.put(into: $0) }
            reports.append(StoreReport(.put, store: kind.rawValue, blobs, "blob", stopwatch))
        }
        return reports
    }
}
