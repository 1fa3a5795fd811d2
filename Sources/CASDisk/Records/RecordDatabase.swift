// SPDX-License-Identifier: Apache-2.0

import CASStore
import GRDB
import Synchronization

/// `records.sqlite`: rows that name blobs, in transactions that survive power loss.
final class RecordDatabase: Sendable {
    /// How many last uses are gathered before they are written.
    static let gatheredUses = 4096

    private let files: StoreFiles
    private let space: SpaceLedger
    private let pool: DatabasePool
    private let clock: WallClock
    private let uses = Mutex<[RowUse: UInt32]>([:])

    /// A row of a table that was used.
    struct RowUse: Hashable {
        let table: String
        let row: Int64
    }

    /// Opens or makes the database of a store.
    init(_ files: StoreFiles, space: SpaceLedger, clock: WallClock) throws(StoreError) {
        self.files = files
        self.space = space
        self.clock = clock
        var configuration = Configuration()
        configuration.label = "casemate.records"
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            pool = try DatabasePool(path: files.records, configuration: configuration)
            try Self.migrator.migrate(pool)
        } catch {
            throw StoreError(.unusable, "The database \(files.records) cannot be opened.", cause: error)
        }
        noteSize()
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

    /// Runs each of `bodies`, all in one transaction with the last uses that were gathered; one that fails leaves
    /// no trace and fails alone. Returns when all are on the disk, or why not, for each.
    func transact(_ bodies: [GroupCommit.Statements]) -> [Result<Void, StoreError>] {
        let uses = takeUses()
        defer { noteSize() }
        do {
            return try pool.write { database in
                try Self.write(uses, to: database)
                return try bodies.map { try Self.run($0, in: database) }
            }
        } catch {
            return bodies.map { _ in .failure(Self.storeError(error, "write its records")) }
        }
    }

    private static func run(
        _ body: GroupCommit.Statements, in database: Database
    ) throws -> Result<Void, StoreError> {
        do {
            try database.inSavepoint {
                try body(database)
                return .commit
            }
            return .success(())
        } catch {
            // Some failures, a full disk among them, take the whole transaction with them.
            guard database.isInsideTransaction else { throw error }
            return .failure(storeError(error, "write its records"))
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

    private func noteSize() {
        let sizes = ["", "-wal", "-shm"].map { suffix in
            // A file that is not there occupies nothing.
            (try? files.system.size(of: files.records + suffix)) ?? 0
        }
        space.set(sizes.reduce(0) { $0 + SpaceLedger.blocks($1) }, for: .records)
    }

    private func takeUses() -> [RowUse: UInt32] {
        uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
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
