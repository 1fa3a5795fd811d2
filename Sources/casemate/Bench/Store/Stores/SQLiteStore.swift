// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Foundation
import GRDB
import GRDBSQLite

/// One SQLite table, in write-ahead mode with `synchronous = NORMAL`; a batch is a transaction.
struct SQLiteStore: RemovingStore {
    private let queue: DatabaseQueue

    init(at path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
        queue = try DatabaseQueue(path: path + "/blobs.sqlite", configuration: configuration)
        // With row numbers: with values of 4 KiB in the tree of the keys, measured here, reading and writing take two and
        // a half times as much of the processor.
        try queue.write {
            try $0.execute(sql: "CREATE TABLE blob (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
        }
    }

    func put(_ blobs: [WholeBlob]) throws {
        for blob in blobs { try FilePerBlobStore.check(blob) }
        try queue.write { database in
            let insert = try database.cachedStatement(sql: "INSERT OR IGNORE INTO blob VALUES (?, ?)")
            for blob in blobs {
                try insert.run(blob.digest, value: blob.content.joined()) {
                    guard $0 == SQLITE_DONE else { throw $1 }
                }
            }
        }
    }

    func get(_ digests: [Digest]) throws -> [Bytes] {
        try queue.read { database in
            let select = try database.cachedStatement(sql: "SELECT value FROM blob WHERE key = ?")
            return try digests.map { digest in
                try select.run(digest) { code, failure in
                    guard code == SQLITE_ROW else { throw failure }
                    let count = Int(sqlite3_column_bytes(select.sqliteStatement, 0))
                    let start = sqlite3_column_blob(select.sqliteStatement, 0)
                    return Bytes(copying: UnsafeRawBufferPointer(start: start, count: count))
                }
            }
        }
    }

    func missing(among digests: [Digest]) throws -> [Digest] {
        try queue.read { database in
            let select = try database.cachedStatement(sql: "SELECT 1 FROM blob WHERE key = ?")
            return try digests.filter { digest in
                try select.run(digest) { code, failure in
                    guard code == SQLITE_ROW || code == SQLITE_DONE else { throw failure }
                    return code == SQLITE_DONE
                }
            }
        }
    }

    func remove(_ digests: [Digest]) throws {
        try queue.write { database in
            let delete = try database.cachedStatement(sql: "DELETE FROM blob WHERE key = ?")
            for digest in digests {
                try delete.run(digest) { guard $0 == SQLITE_DONE else { throw $1 } }
            }
        }
    }

    func close() {
        // What cannot be closed goes with the process, and the directory goes before.
        try? queue.close()
    }
}

extension Statement {
    /// Takes one step of the statement for a key, and perhaps a value; `read` gets SQLite's answer, and what to
    /// throw if it is another than expected.
    ///
    /// Straight to SQLite: what GRDB adds to a statement is no part of what is compared.
    fileprivate func run<Result>(
        _ key: Digest, value: Bytes = Bytes(), read: (Int32, BenchFailure) throws -> Result
    ) throws -> Result {
        let statement = sqliteStatement
        defer { sqlite3_reset(statement) }
        return try key.withUnsafeHash { hash in
            try value.withUnsafeBytes { value in
                sqlite3_bind_blob(statement, 1, hash.baseAddress, Int32(hash.count), nil)
                if sqlite3_bind_parameter_count(statement) > 1 {
                    sqlite3_bind_blob(statement, 2, value.baseAddress, Int32(value.count), nil)
                }
                let code = sqlite3_step(statement)
                return try read(code, BenchFailure("SQLite answered \(code) to “\(sql)”."))
            }
        }
    }
}
