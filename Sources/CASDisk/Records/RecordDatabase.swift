// SPDX-License-Identifier: Apache-2.0

import CASStore
import GRDB
import GRDBSQLite
import Synchronization

/// `records.sqlite`: rows that name blobs, in transactions that survive power loss.
final class RecordDatabase: Sendable {
    /// How many last uses are gathered before they are written.
    static let gatheredUses = 4096

    private let files: StoreFiles
    private let pool: DatabasePool
    private let clock: WallClock
    private let uses = Mutex<[RowUse: UInt32]>([:])
    private let room: RecordRoom

    /// A row of a table that was used.
    struct RowUse: Hashable {
        let table: String
        let row: Int64
    }

    /// Opens or makes the database of a store, which may have so many bytes.
    init(
        _ files: StoreFiles, space: SpaceLedger, clock: WallClock, maximumSize: Int? = nil
    ) throws(StoreError) {
        self.files = files
        self.clock = clock
        room = RecordRoom(files, space: space)
        let checkpointPages = RecordRoom.checkpointPages(maximumSize: maximumSize)
        var configuration = Configuration()
        configuration.label = "casemate.records"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            Self.keepFiles(of: database)
            guard !database.configuration.readonly else { return }
            if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
                // Of effect before the first table is made: so that the file shrinks when rows go.
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
        }
        do {
            pool = try DatabasePool(path: files.records, configuration: configuration)
            try Self.migrator.migrate(pool)
        } catch {
            throw StoreError(.unusable, "The database \(files.records) cannot be opened.", cause: error)
        }
        room.noteSize()
    }

    /// Lets SQLite's log and what it shares in memory keep their files, and their blocks, when the database is
    /// closed: a store on a full disk opens again.
    private static func keepFiles(of database: Database) {
        var isOn: CInt = 1
        sqlite3_file_control(database.sqliteConnection, nil, SQLITE_FCNTL_PERSIST_WAL, &isOn)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("references and action results") { database in
            try database.execute(
                sql: """
                    CREATE TABLE reference (
                        id INTEGER PRIMARY KEY,
                        instance TEXT NOT NULL,
                        key TEXT NOT NULL,
                        function INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        size INTEGER NOT NULL,
                        last_use INTEGER NOT NULL,
                        UNIQUE (instance, key)
                    ) STRICT;
                    CREATE TABLE action_result (
                        id INTEGER PRIMARY KEY,
                        instance TEXT NOT NULL,
                        function INTEGER NOT NULL,
                        hash BLOB NOT NULL,
                        size INTEGER NOT NULL,
                        result BLOB NOT NULL,
                        last_use INTEGER NOT NULL,
                        UNIQUE (instance, function, hash, size)
                    ) STRICT;
                    CREATE INDEX reference_by_use ON reference (last_use);
                    CREATE INDEX action_result_by_use ON action_result (last_use);
                    """)
        }
        return migrator
    }

    /// The time, as last uses are noted.
    var now: UInt32 { clock.now() }

    /// What `body` reads, in one snapshot. It writes nothing.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw Self.storeError(error, "read its records")
        }
    }

    /// A change of rows that waits to be committed.
    struct Change: Sendable {
        /// How many rows are put in or changed, and of how many bytes; room for them is taken before.
        var rows = 0
        var bytes = 0
        let statements: @Sendable (Database) throws -> Void
    }

    /// Makes all of `changes` in one transaction, with the last uses that were gathered; one that fails leaves no
    /// trace and fails alone. Returns when all are on the disk, or why not, for each.
    func transact(_ changes: [Change]) -> [Result<Void, StoreError>] {
        let uses = takeUses()
        do {
            let taken = try room.take(
                rows: changes.reduce(0) { $0 + $1.rows }, bytes: changes.reduce(0) { $0 + $1.bytes },
                uses: uses.count)
            defer { room.give(taken) }
            return try pool.write { database in
                try Self.write(uses, to: database)
                let results = try changes.map { try Self.run($0, in: database) }
                try room.noteGrowth(of: database)
                return results
            }
        } catch {
            putBack(uses)
            return changes.map { _ in .failure(Self.storeError(error, "write its records")) }
        }
    }

    private static func run(_ change: Change, in database: Database) throws -> Result<Void, StoreError> {
        do {
            try database.inSavepoint {
                try change.statements(database)
                return .commit
            }
            return .success(())
        } catch {
            // Some failures, a full disk among them, take the whole transaction with them.
            guard database.isInsideTransaction else { throw error }
            return .failure(storeError(error, "write its records"))
        }
    }

    /// Changes rows for a thread of the store's own, which may use what requests leave of the maximum size.
    func writeBlocking<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        let uses = takeUses()
        do {
            let taken = try room.take(rows: 0, bytes: 0, uses: uses.count, mayUseReserve: true)
            defer { room.give(taken) }
            return try pool.write { database in
                try Self.write(uses, to: database)
                let value = try body(database)
                try room.noteGrowth(of: database)
                return value
            }
        } catch {
            putBack(uses)
            throw Self.storeError(error, "write its records")
        }
    }

    /// Gives the pages that rows left free, and what the log of SQLite takes, back to the file system.
    func shrink() throws(StoreError) {
        do {
            let taken = try room.take(rows: 0, bytes: 0, uses: 0, mayUseReserve: true)
            defer { room.give(taken) }
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA incremental_vacuum")
                try room.noteGrowth(of: database)
                _ = try database.checkpoint(.truncate)
            }
        } catch {
            // A reader keeps the log from being emptied: it will be next time.
            if let error = error as? DatabaseError, error.resultCode == .SQLITE_BUSY { return }
            throw Self.storeError(error, "shrink its records")
        }
    }

    /// Notes that a row was used; it is written later, in the transaction of something else. Whether it is time
    /// for one.
    func noteUse(of row: Int64, in table: String) -> Bool {
        let now = clock.now()
        return uses.withLock { uses in
            uses[RowUse(table: table, row: row)] = now
            return uses.count >= Self.gatheredUses
        }
    }

    /// Whether there are last uses that are not written yet.
    var hasUnwrittenUses: Bool { uses.withLock { !$0.isEmpty } }

    /// Writes the last uses and closes the database.
    func close() throws(StoreError) {
        let uses = takeUses()
        do {
            try pool.write { try Self.write(uses, to: $0) }
            try pool.close()
        } catch {
            throw Self.storeError(error, "close its records")
        }
    }

    private func takeUses() -> [RowUse: UInt32] {
        uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
    }

    private func putBack(_ taken: [RowUse: UInt32]) {
        uses.withLock { $0.merge(taken) { max($0, $1) } }
    }

    private static func write(_ uses: [RowUse: UInt32], to database: Database) throws {
        for (use, time) in uses {
            try database.execute(
                sql: "UPDATE \(use.table) SET last_use = max(last_use, ?) WHERE id = ?",
                arguments: [time, use.row])
        }
    }

    private static func storeError(_ error: any Error, _ what: String) -> StoreError {
        if let error = error as? StoreError { return error }
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
            return StoreError(.noSpace, "There is no space left on the disk of the store.", cause: error)
        }
        return StoreError(.failed, "The store cannot \(what).", cause: error)
    }
}
