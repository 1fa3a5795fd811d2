// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// A way to keep blobs on a disk. Each checks what it takes against the digest, as a cache must.
protocol ComparedStore: Sendable {
    /// Opens a new store in a directory that is not there yet.
    init(at path: String) throws

    /// Keeps blobs, which are in one batch where the store has such a thing.
    func put(_ blobs: [WholeBlob]) async throws

    /// The contents of blobs that are there, in their order.
    func get(_ digests: [Digest]) async throws -> [Bytes]

    /// Those of `digests` that are not there, in their order.
    func missing(among digests: [Digest]) async throws -> [Digest]

    /// Writes what was gathered.
    func close()
}

/// A store that removes the blobs it is told to.
protocol RemovingStore: ComparedStore {
    /// Removes blobs that are there, in one batch where the store has such a thing.
    func remove(_ digests: [Digest]) async throws
}

/// The stores that are compared, Casemate's first.
enum ComparedStores: String, CaseIterable {
    case casemate
    case files = "file per blob"
    case sqlite = "SQLite"

    /// Runs `body` with a new store, which is closed and removed after.
    func use<Result>(
        in folder: BenchFolder, _ body: (any ComparedStore) async throws -> Result
    ) async throws -> Result {
        try await folder.using(rawValue) { path in
            let store = try open(at: path)
            defer { store.close() }
            return try await body(store)
        }
    }

    private func open(at path: String) throws -> any ComparedStore {
        switch self {
        case .casemate: try CasemateStore(at: path)
        case .files: try FilePerBlobStore(at: path)
        case .sqlite: try SQLiteStore(at: path)
        }
    }
}
