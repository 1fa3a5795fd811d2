// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASModel
import CASStore
import Foundation

/// Updating references, each to a fresh blob of 4 KiB that must be on the disk first, by several at once.
///
/// The other way is what a cache without a barrier does: a file per blob that is synced, then its directory, then
/// a row of SQLite with `synchronous = FULL`, for every reference anew.
struct StoreBarrierSuite: StoreSuite {
    let plan: StorePlan

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        var reports: [StoreReport] = []
        for waiting in plan.waitingUpdates {
            let updates = try await Updates(plan.updates(waiting: waiting), atOnce: waiting)
            reports.append(
                try await folder.using("casemate") { path in
                    let store = try CasemateStore(at: path)
                    defer { store.close() }
                    return try await updates.measure("casemate") {
                        try await Self.update($0, to: $1, in: store)
                    }
                })
            reports.append(
                try await folder.using("files") { path in
                    let store = try SyncedFiles(at: path)
                    defer { store.close() }
                    return try await updates.measureBlocking("file per blob") { try store.update($0, to: $1) }
                })
        }
        return reports
    }

    private static func update(_ key: String, to blob: WholeBlob, in store: CasemateStore) async throws {
        try await store.put([blob])
        try await store.store.updateReferences([ReferenceKey(key)], in: .unnamed, to: blob.digest)
    }
}
