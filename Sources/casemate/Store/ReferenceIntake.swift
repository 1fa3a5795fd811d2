// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASModel

/// Takes references from somewhere else into a store, once the blobs are in: those whose trees are complete.
struct ReferenceIntake {
    /// How many references were set, and how many were not, as their trees are not complete.
    private(set) var set = 0
    private(set) var incomplete = 0

    private let store: DiskStore
    private let report: (String) -> Void
    private var trees: StoredTrees

    /// An intake into `store` that tells `report` of each reference that is not set.
    init(into store: DiskStore, report: @escaping (String) -> Void) {
        self.store = store
        self.report = report
        trees = StoredTrees(in: store)
    }

    mutating func take(_ key: ReferenceKey, in instance: InstanceName, naming root: Digest) async throws {
        do {
            _ = try await trees.reach(from: root)
        } catch let problem as StoredTrees.Incomplete {
            incomplete += 1
            return report("reference \(MalformedValue.quoted(key.text)): \(problem)")
        }
        if try await store.reference(key, in: instance) != root {
            try await store.updateReferences([key], in: instance, to: root)
        }
        set += 1
    }
}
