// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// One of the parts of the index, which grows by itself while the rest goes on.
final class IndexShard: Sendable {
    /// How many bytes are mapped per entry at most after a table grew, and when it shrinks: DESIGN.md §9
    /// allows 96.
    ///
    /// A table is full at 76 bytes per entry, so it grows by a quarter; making its file is what that costs.
    static let bytesPerEntryAfterGrowth = 94
    static let bytesPerEntryBeforeShrinking = 96

    /// How full a table is after it shrank.
    static let fillAfterShrinking = 0.78

    /// The same after growth for a table of fewer than ``smallUpTo`` entries, which doubles.
    static let fillAfterSmallGrowth = 0.42
    static let smallUpTo = 400

    private struct State {
        var table: IndexTable?
        /// The generation of the table's file.
        var generation: UInt32
        /// The last generation that a file was made for; one that failed may have left it behind.
        var lastTried: UInt32
        /// The generations that the last checkpoint and the one being taken name.
        var pinned: Set<UInt32>
        /// Pinned files that were replaced, which a loss of power would bring back.
        var replaced: [IndexFiles.Found] = []
    }

    private let number: Int
    private let files: IndexFiles
    private let state: Mutex<State>

    /// The shard of the given number with the tables found for it: the one to use, and one that only the last
    /// checkpoint names.
    init(_ number: Int, _ found: IndexFiles.ShardFiles, checkpointed: UInt32, files: IndexFiles) {
        self.number = number
        self.files = files
        let generation = found.current?.generation ?? 0
        state = Mutex(
            State(
                table: found.current?.table, generation: generation,
                lastTried: max(generation, found.replaced?.generation ?? 0), pinned: [checkpointed],
                replaced: found.replaced.map { [$0] } ?? []))
    }

    /// How many entries there are.
    var count: Int { state.withLock { $0.table?.entries ?? 0 } }

    /// How many bytes are mapped.
    var mappedBytes: Int {
        state.withLock {
            $0.table.map { SpaceLedger.blocks(IndexTable.fileSize(capacity: $0.capacity)) } ?? 0
        }
    }

    /// Whether a blob of `size` bytes is known by `key`; notes its use at `time`.
    func touch(_ key: IndexKey, size: Int, at time: UInt32) -> Bool {
        state.withLock { state in
            guard let table = state.table, let slot = table.find(key), table.size(at: slot) == size else {
                return false
            }
            table.touch(slot, at: time)
            return true
        }
    }

    /// The entry of `key`; its use at `time` is noted.
    func find(_ key: IndexKey, at time: UInt32?) -> IndexEntry? {
        state.withLock { state in
            guard let table = state.table, let slot = table.find(key) else { return nil }
            guard let entry = table.entry(at: slot) else {
                table.remove(slot)
                return nil
            }
            if let time { table.touch(slot, at: time) }
            return entry
        }
    }

    /// Puts `entry` in, unless its key is there already, or there with a number that is not lower; whether it
    /// did.
    func insert(_ entry: IndexEntry, overOlder: Bool) throws(StoreError) -> Bool {
        try state.withLock { (state) throws(StoreError) in
            var slot = state.table?.find(entry.key)
            if let slot, let other = state.table?.entry(at: slot) {
                guard overOlder, other.sequence < entry.sequence else { return false }
            }
            if state.table?.isFull ?? true {
                try grow(&state)
                slot = state.table?.find(entry.key)
            }
            state.table?.insert(entry, replacing: slot)
            return true
        }
    }

    /// Takes out the entry of `key` if it is of the record with number `sequence`; whether it was.
    func remove(_ key: IndexKey, sequence: UInt64) -> Bool {
        state.withLock { state in
            guard let table = state.table, let slot = table.find(key),
                table.entry(at: slot)?.sequence == sequence
            else { return false }
            table.remove(slot)
            shrinkIfSparse(&state, table)
            return true
        }
    }

    /// Takes out the entry of `key` if it leads to `place` and was not used after `time`.
    func remove(_ key: IndexKey, at place: Place, unlessUsedAfter time: UInt32) -> Index.Removal {
        state.withLock { state in
            guard let table = state.table, let slot = table.find(key), let entry = table.entry(at: slot),
                entry.place == place
            else { return .leadsElsewhere }
            guard entry.lastUse <= time else { return .usedSince(entry) }
            table.remove(slot)
            shrinkIfSparse(&state, table)
            return .removed
        }
    }

    /// Puts `entry` in the place of the one of the record with number `sequence`, if that is there; whether it
    /// was. The later last use stays.
    func move(_ entry: IndexEntry, from sequence: UInt64) -> Bool {
        state.withLock { state in
            guard let table = state.table, let slot = table.find(entry.key),
                let old = table.entry(at: slot), old.sequence == sequence
            else { return false }
            table.replace(slot, by: entry.lastUsed(at: max(old.lastUse, entry.lastUse)))
            return true
        }
    }

    /// Makes room for another entry of which the key is not there yet.
    func makeRoom() throws(StoreError) {
        try state.withLock { (state) throws(StoreError) in
            if state.table?.isFull ?? true { try grow(&state) }
        }
    }

    /// Leaves the counts where the next opening finds them.
    func noteCounts() {
        state.withLock { $0.table?.noteCounts() }
    }

    /// Calls `body` with every entry; nothing in the shard changes meanwhile.
    func forEach(_ body: (IndexEntry) -> Void) {
        state.withLock { $0.table?.forEach(body) }
    }

    /// Takes out what a loss of power left and `isKept` refuses.
    func sweep(_ isKept: (IndexEntry) -> Bool) {
        state.withLock { $0.table?.sweep(isKept) }
    }

    /// The table and its generation; the file stays until ``keepOnly(_:)``.
    func pinTable() -> IndexFiles.Found? {
        state.withLock { state in
            guard let table = state.table else { return nil }
            state.pinned.insert(state.generation)
            return (table, state.generation)
        }
    }

    /// Removes the files that were replaced, unless of that generation.
    func keepOnly(_ generation: UInt32) {
        let removed = state.withLock { state in
            state.pinned = [generation]
            let removed = state.replaced.filter { $0.generation != generation }
            state.replaced.removeAll { $0.generation != generation }
            return removed
        }
        for file in removed { files.remove(number, file.generation, capacity: file.table.capacity) }
    }

    private func shrinkIfSparse(_ state: inout State, _ table: IndexTable) {
        let mapped = SpaceLedger.blocks(IndexTable.fileSize(capacity: table.capacity))
        guard table.entries >= Self.smallUpTo, mapped > table.entries * Self.bytesPerEntryBeforeShrinking
        else { return }
        // A table that is larger than need be is no reason to fail.
        try? rebuild(&state, capacity: IndexTable.capacity(for: table.entries, fill: Self.fillAfterShrinking))
    }

    private func grow(_ state: inout State) throws(StoreError) {
        let count = (state.table?.entries ?? 0) + 1
        let capacity =
            count < Self.smallUpTo
            ? IndexTable.capacity(for: count, fill: Self.fillAfterSmallGrowth)
            : IndexTable.capacity(inPagesOf: count * Self.bytesPerEntryAfterGrowth)
        try rebuild(&state, capacity: capacity)
    }

    private func rebuild(_ state: inout State, capacity: Int) throws(StoreError) {
        let old = state.table
        state.lastTried += 1
        state.table = try files.make(number, state.lastTried, capacity: capacity) { table in
            old?.forEach { entry in
                // After a death between the two steps of a replacement there are two entries of a key.
                let slot = table.find(entry.key)
                if let slot, let other = table.entry(at: slot), other.sequence >= entry.sequence { return }
                table.insert(entry, replacing: slot)
            }
        }
        if let old {
            if state.pinned.contains(state.generation) {
                state.replaced.append((old, state.generation))
            } else {
                files.remove(number, state.generation, capacity: old.capacity)
            }
        }
        state.generation = state.lastTried
    }
}
