// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASModel
import CASStore

/// Removing the older half of all blobs.
///
/// Casemate's store is opened again with a limit of half of what it occupies, and evicts by itself; what it takes is
/// told per blob that is gone, opening included. Of the others the blobs are removed one by one, by unlink and by DELETE.
struct StoreEvictSuite: StoreSuite {
    let blobs: Int

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        let content = try await StoreBlobs(blobs)
        return [
            try await folder.using("casemate") { try await Self.evict(content, at: $0) },
            try await Self.remove(content, from: FilePerBlobStore.self, .files, in: folder),
            try await Self.remove(content, from: SQLiteStore.self, .sqlite, in: folder),
        ]
    }

    private static func evict(_ content: StoreBlobs, at path: String) async throws -> StoreReport {
        var configuration = DiskStoreConfiguration(root: path)
        configuration.segmentSize = BoundedStore.segmentSize(for: content.byteCount / 2)
        let limit = try await fill(configuration, with: content) / 2
        configuration.maximumSize = limit
        let limited = configuration
        let wakening = try await StoreBlobs(1).blobs.map { WholeBlob($0.digest, $0.whole) }
        var stopwatch = Stopwatch()
        let store = try await stopwatch.time {
            let store = try BoundedStore(limited)
            _ = try await store.put(wakening)
            try await store.awaitRoom(limit: limit)
            return store
        }
        defer { store.close() }
        let evicted = content.blobs.count + wakening.count - store.figures.blobs
        return StoreReport(.evict, store: "casemate", evicted, "blob", stopwatch)
    }

    /// Returns how many bytes the store then occupies. It is closed, and let go by whoever could hold it.
    private static func fill(_ configuration: DiskStoreConfiguration, with content: StoreBlobs) async throws
        -> Int
    {
        let store = try CasemateStore(configuration)
        defer { store.close() }
        try await content.put(into: store)
        return store.store.figures.usedBytes
    }

    private static func remove<Store: RemovingStore>(
        _ content: StoreBlobs, from _: Store.Type, _ name: ComparedStores, in folder: BenchFolder
    ) async throws -> StoreReport {
        let older = content.blobs.prefix(content.blobs.count / 2).map(\.digest)
        let stopwatch = try await folder.using(name.rawValue) { path in
            let store = try Store(at: path)
            defer { store.close() }
            try await content.put(into: store)
            return try await remove(older, from: store)
        }
        return StoreReport(.evict, store: name.rawValue, older.count, "blob", stopwatch)
    }

    private static func remove(_ digests: [Digest], from store: any RemovingStore) async throws -> Stopwatch {
        var stopwatch = Stopwatch()
        for batch in digests.cut(into: StoreBlobs.batch) {
            try Task.checkCancellation()
            let batch = Array(batch)
            try await stopwatch.time { try await store.remove(batch) }
        }
        guard try await store.missing(among: digests) == digests else {
            throw BenchFailure("A store has blobs that were removed.")
        }
        return stopwatch
    }
}
