// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel
import CASStore
import Logging

/// Casemate's own store.
struct CasemateStore: ComparedStore {
    let store: DiskStore

    init(at path: String) throws {
        try self.init(DiskStoreConfiguration(root: path))
    }

    init(_ configuration: DiskStoreConfiguration) throws {
        store = try DiskStore.open(configuration, logger: Self.silent)
    }

    /// A measurement says nothing but its results.
    static let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    func put(_ blobs: [WholeBlob]) async throws {
        for result in await store.storeWhole(blobs) { try result.get() }
    }

    func get(_ digests: [Digest]) async throws -> [Bytes] {
        try await store.readWhole(digests).map { try $0.get() }
    }

    func missing(among digests: [Digest]) async throws -> [Digest] {
        try await store.missing(among: digests)
    }

    func close() { store.close() }
}
