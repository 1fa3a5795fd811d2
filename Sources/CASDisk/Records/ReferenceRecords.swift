// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import GRDB

/// The rows of references.
struct ReferenceRecords: Sendable {
    let database: RecordDatabase
    let commits: GroupCommit

    private static let table = "reference"

    func digest(of key: ReferenceKey, in instance: InstanceName) async throws(StoreError) -> Digest? {
        let found = try await database.read { database -> (row: Int64, digest: Digest)? in
            let row = try Row.fetchOne(
                database,
                sql: "SELECT id, function, hash, size FROM reference WHERE instance = ? AND key = ?",
                arguments: [instance.text, key.text])
            return try row.map { ($0["id"], try Digest(stored: $0)) }
        }
        guard let found else { return nil }
        if database.noteUse(of: found.row, in: Self.table) { commits.flushUses() }
        return found.digest
    }

    func update(_ keys: [ReferenceKey], in instance: InstanceName, to digest: Digest) async throws(StoreError)
    {
        let now = database.now
        let bytes = keys.reduce(0) { $0 + $1.text.utf8.count }
        try await commits.commit(rows: keys.count, bytes: 2 * bytes) { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO reference (instance, key, function, hash, size, last_use) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (instance, key) DO UPDATE SET
                        function = excluded.function, hash = excluded.hash, size = excluded.size,
                        last_use = excluded.last_use
                    """)
            for key in keys {
                try statement.execute(
                    arguments: [
                        instance.text, key.text, digest.function.rawValue, digest.storedHash, digest.size,
                        now,
                    ])
            }
        }
    }

    func forget(_ key: ReferenceKey, in instance: InstanceName, naming digest: Digest)
        async throws(StoreError)
    {
        try await commits.commitWithoutBarrier { database in
            try database.execute(
                sql: """
                    DELETE FROM reference
                    WHERE instance = ? AND key = ? AND function = ? AND hash = ? AND size = ?
                    """,
                arguments: [
                    instance.text, key.text, digest.function.rawValue, digest.storedHash, digest.size,
                ])
        }
    }
}
