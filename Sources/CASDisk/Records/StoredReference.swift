// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import GRDB

/// A row of a reference, as it stands in the database.
struct StoredReference: Sendable {
    let row: Int64
    let instance: String
    let key: String
    /// What it names, or nil if the row holds no digest.
    let digest: Digest?

    /// The reference as a person would write it.
    var name: String { instance.isEmpty ? key : "\(key) in \(instance)" }
}

extension ReferenceRecords {
    /// The references after `row`, in the order of their rows, `count` of them at most. No use of them is noted.
    func stored(after row: Int64, atMost count: Int) async throws(StoreError) -> [StoredReference] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM reference WHERE id > ? ORDER BY id LIMIT ?",
                arguments: [row, count]
            ).map { row in
                // A row that names nothing is what whoever looks through them wants to know of.
                StoredReference(
                    row: row["id"], instance: row["instance"], key: row["key"],
                    digest: try? Digest(stored: row))
            }
        }
    }

    /// Forgets `reference`, unless it names something else by now.
    func forget(_ reference: StoredReference) async throws(StoreError) {
        try await commits.commitWithoutBarrier { database in
            try database.execute(
                sql: "DELETE FROM reference WHERE id = ? AND hash IS ?",
                arguments: [reference.row, reference.digest?.storedHash])
        }
    }

    /// What SQLite finds wrong with its file, nothing if it is sound.
    func damages() async throws(StoreError) -> [String] {
        try await database.read { database in
            try String.fetchAll(database, sql: "PRAGMA quick_check").filter { $0 != "ok" }
        }
    }
}
