// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Foundation
import GRDB

/// The rows of action results.
struct ActionResultRecords: Sendable {
    let database: RecordDatabase
    let commits: GroupCommit

    private static let table = "action_result"
    private static let isKey = "instance = ? AND function = ? AND hash = ? AND size = ?"

    func result(of key: ActionKey) async throws(StoreError) -> Bytes? {
        let found = try await database.read { database -> (row: Int64, result: Bytes)? in
            let row = try Row.fetchOne(
                database, sql: "SELECT id, result FROM action_result WHERE \(Self.isKey)",
                arguments: Self.arguments(key))
            guard let row else { return nil }
            let result: Data = row["result"]
            return (row["id"], result.withUnsafeBytes { Bytes(copying: $0) })
        }
        guard let found else { return nil }
        if database.noteUse(of: found.row, in: Self.table) { commits.flushUses() }
        return found.result
    }

    func update(_ key: ActionKey, to result: Bytes) async throws(StoreError) {
        let now = database.now
        try await commits.commit(rows: 1, bytes: result.count) { database in
            try database.execute(
                sql: """
                    INSERT INTO action_result (instance, function, hash, size, result, last_use)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (instance, function, hash, size) DO UPDATE SET
                        result = excluded.result, last_use = excluded.last_use
                    """,
                arguments: Self.arguments(key) + [result.withUnsafeBytes { Data($0) }, now])
        }
    }

    func forget(_ key: ActionKey) async throws(StoreError) {
        try await commits.commitWithoutBarrier { database in
            try database.execute(
                sql: "DELETE FROM action_result WHERE \(Self.isKey)", arguments: Self.arguments(key))
        }
    }

    private static func arguments(_ key: ActionKey) -> StatementArguments {
        [key.instance.text, key.action.function.rawValue, key.action.storedHash, key.action.size]
    }
}
