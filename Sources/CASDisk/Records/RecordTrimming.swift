// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import GRDB
import Logging

/// Forgets the records that nobody used since before what was evicted: references of which the root is gone,
/// and action results.
struct RecordTrimming: Sendable {
    /// How many rows are looked at, and deleted, in one transaction: others write in between.
    private static let rowsAtOnce = 256

    let records: RecordDatabase
    let catalog: BlobCatalog
    let logger: Logger

    /// Forgets what was last used before `time`; the file shrinks.
    ///
    /// A failure is logged: the next pass of eviction tries again.
    func run(before time: UInt32) {
        do throws(StoreError) {
            let references = try forgetReferences(before: time)
            let results = try forgetActionResults(before: time)
            guard references + results > 0 else { return }
            try records.shrink()
            logger.info(
                "Records that were not used lately were forgotten.",
                metadata: [
                    "references": "\(references)", "action results": "\(results)", "before": "\(time)",
                ])
        } catch {
            logger.warning("Old records could not be forgotten.", metadata: ["error": "\(error)"])
        }
    }

    private func forgetActionResults(before time: UInt32) throws(StoreError) -> Int {
        var sum = 0
        while true {
            // With each transaction the uses that were gathered are written, before it is asked for old ones.
            let count = try records.writeBlocking { database in
                try database.execute(
                    sql: """
                        DELETE FROM action_result WHERE id IN
                            (SELECT id FROM action_result WHERE last_use < ? ORDER BY last_use LIMIT ?)
                        """, arguments: [time, Self.rowsAtOnce])
                return database.changesCount
            }
            sum += count
            guard count == Self.rowsAtOnce else { return sum }
        }
    }

    private func forgetReferences(before time: UInt32) throws(StoreError) -> Int {
        var sum = 0
        var last: Int64 = 0
        while true {
            let after = last
            let found = try records.writeBlocking { database in
                try forgetReferences(in: database, before: time, after: after)
            }
            sum += found.forgotten
            guard let next = found.last else { return sum }
            last = next
        }
    }

    /// Looks at the next rows after `last`; the last of them is nil when there are no more.
    private func forgetReferences(
        in database: Database, before time: UInt32, after last: Int64
    ) throws -> (forgotten: Int, last: Int64?) {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, function, hash, size FROM reference
                WHERE last_use < ? AND id > ? ORDER BY id LIMIT ?
                """, arguments: [time, last, Self.rowsAtOnce])
        let lost = try rows.filter { row in
            let root = try Digest(stored: row)
            return !root.isOfEmptyBlob && catalog.index.find(IndexKey(of: root))?.size != root.size
        }
        for row in lost {
            let id: Int64 = row["id"]
            try database.execute(sql: "DELETE FROM reference WHERE id = ?", arguments: [id])
        }
        return (lost.count, rows.last?["id"])
    }
}
