// SPDX-License-Identifier: Apache-2.0

import CASStore
import GRDB
import Synchronization

/// Takes the room that the records need before SQLite does: it grows its files by itself.
///
/// What a transaction needs is estimated from above, and given back for what it came to.
final class RecordRoom: Sendable {
    /// The size of SQLite's pages, with which it makes a database if it is not told another.
    private static let pageSize = 4096

    /// How many pages a row that is put in may change or add: a leaf of the table and one of each of two
    /// indexes, each with a page that it splits off and one above, and a page of the map of pages.
    private static let pagesOfARow = 10

    /// The pages that a last use changes: the row's, and two of the index over last uses.
    private static let pagesOfAUse = 3

    /// How many pages SQLite's log holds before they are copied, if there is no maximum size: its default.
    private static let mostCheckpointPages = 1000

    private let files: StoreFiles
    private let space: SpaceLedger

    private struct State {
        /// What transactions took that are under way.
        var taken = 0
        /// The size of the database when all of the log will be copied into it.
        var size = 0
    }

    private let state = Mutex(State())

    init(_ files: StoreFiles, space: SpaceLedger) {
        self.files = files
        self.space = space
    }

    /// How many pages the log of SQLite holds before they are copied: a small part of a small store.
    static func checkpointPages(maximumSize: Int?) -> Int {
        guard let maximumSize else { return mostCheckpointPages }
        return min(max(maximumSize / 64 / pageSize, 16), mostCheckpointPages)
    }

    /// Takes room for a transaction; returns how many bytes, for ``give(_:)``.
    ///
    /// - Throws: ``StoreError/Code/noSpace`` when there is none.
    func take(rows: Int, bytes: Int, uses: Int, mayUseReserve: Bool = false) throws(StoreError) -> Int {
        try state.withLock { (state) throws(StoreError) in
            let files = size(of: "")
            let changed = min(uses * Self.pagesOfAUse * Self.pageSize, max(files, state.size))
            let added = (rows + 1) * Self.pagesOfARow * Self.pageSize + SpaceLedger.blocks(bytes)
            // Once in the log, once in the database, which may also take now what the log has.
            let needed = changed + 2 * added + max(0, state.size - files)
            try space.take(needed, for: .records, mayUseReserve: mayUseReserve)
            state.taken += needed
            return needed
        }
    }

    /// Gives back what was taken, and counts the files as they are now.
    func give(_ bytes: Int) {
        state.withLock { state in
            state.taken -= bytes
            count(state)
        }
    }

    /// Counts the files as they are now.
    func noteSize() {
        state.withLock { count($0) }
    }

    /// Notes how large the database is with what a transaction, at its end, has put into the log.
    func noteGrowth(of database: Database) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        state.withLock { $0.size = pages * Self.pageSize }
    }

    private func count(_ state: State) {
        let sizes = ["", "-wal", "-shm"].map { size(of: $0) }
        space.set(sizes.reduce(0) { $0 + SpaceLedger.blocks($1) } + state.taken, for: .records)
    }

    private func size(of suffix: String) -> Int {
        // A file that is not there occupies nothing.
        (try? files.system.size(of: files.records + suffix)) ?? 0
    }
}
