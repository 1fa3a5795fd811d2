// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASModel
import CASStore

/// Casemate's store with a limit, which evicts by itself while blobs are put in.
struct BoundedStore: Sendable {
    /// How often is looked whether there is room, and how often at most.
    private static let pause = Duration.milliseconds(5)
    private static let looks = 4_000

    private let store: CasemateStore

    init(at path: String, limit: Int) throws {
        var configuration = DiskStoreConfiguration(root: path)
        configuration.maximumSize = limit
        configuration.segmentSize = Self.segmentSize(for: limit)
        try self.init(configuration)
    }

    init(_ configuration: DiskStoreConfiguration) throws {
        store = try CasemateStore(configuration)
    }

    /// What the store holds.
    var figures: DiskStoreFigures { store.store.figures }

    func close() { store.close() }

    /// A 64th, as the store would take of a larger limit.
    static func segmentSize(for limit: Int) -> Int { max(64 << 10, limit / 64) }

    /// Returns when the store occupies no more than `limit` and has stopped evicting.
    func awaitRoom(limit: Int) async throws {
        var last = -1
        for _ in 0..<Self.looks {
            if figures.usedBytes <= limit, figures.blobs == last { return }
            last = figures.blobs
            try await Task.sleep(for: Self.pause)
        }
        throw BenchFailure(
            "The store occupies \(figures.usedBytes) bytes and does not evict down to \(limit).")
    }

    /// Counts as a use of those of `digests` that are there.
    func use(_ digests: [Digest]) async throws {
        _ = try await store.missing(among: digests)
    }

    /// Puts blobs in; those for which there is no room yet again and again. Returns how often there was none.
    func put(_ blobs: [WholeBlob]) async throws -> Int {
        var blobs = blobs
        for refusals in 0..<Self.looks {
            var refused: [WholeBlob] = []
            for (blob, result) in zip(blobs, await store.store.storeWhole(blobs)) {
                guard case .failure(let error) = result else { continue }
                guard error.code == .noSpace else { throw error }
                refused.append(blob)
            }
            if refused.isEmpty { return refusals }
            blobs = refused
            try await Task.sleep(for: Self.pause)
        }
        throw BenchFailure("The store makes no room for \(blobs.count) blobs.")
    }
}
