// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Where every blob is: a hash table in mapped files, in shards by bits of the first byte of the key.
///
/// Finding and touching are accesses of memory. A death of the process loses nothing that was put in.
final class Index: Sendable {
    /// A shard that grows costs a file made and one removed, about 150 µs, and stops its part of the keys for
    /// as long as copying takes: 256 shards spent 4 µs per blob on the first 200,000; 64 stop for some
    /// milliseconds at ten million.
    static let shardCount = 64

    private let shards: [IndexShard]

    /// The index in the files of a store.
    ///
    /// - Parameters:
    ///   - trust: which of the files there are to be used.
    ///   - checkpoint: the last one, of which the files are kept until the next.
    init(_ files: IndexFiles, _ trust: IndexFiles.Trust, checkpoint: Checkpoint?) throws(StoreError) {
        let found = try files.tables(trust, checkpoint: checkpoint)
        shards = (0..<Self.shardCount).map { number in
            IndexShard(
                number, found[number], checkpointed: checkpoint?.generations[number] ?? 0, files: files)
        }
    }

    /// How many entries there are.
    var count: Int { shards.reduce(0) { $0 + $1.count } }

    /// How many bytes are mapped.
    var mappedBytes: Int { shards.reduce(0) { $0 + $1.mappedBytes } }

    /// Whether a blob of `size` bytes is known by `key`; notes its use at `time`.
    func touch(_ key: IndexKey, size: Int, at time: UInt32) -> Bool {
        shard(of: key).touch(key, size: size, at: time)
    }

    /// The entry of `key`, whatever its size; notes its use at `time`, if one is given.
    func find(_ key: IndexKey, usedAt time: UInt32? = nil) -> IndexEntry? {
        shard(of: key).find(key, at: time)
    }

    /// Puts `entry` in, unless its key is there already; whether it did.
    @discardableResult
    func insert(_ entry: IndexEntry) throws(StoreError) -> Bool {
        try shard(of: entry.key).insert(entry, overOlder: false)
    }

    /// Puts `entry` in, unless its key is there with a number that is not lower; whether it did.
    @discardableResult
    func insertOverOlder(_ entry: IndexEntry) throws(StoreError) -> Bool {
        try shard(of: entry.key).insert(entry, overOlder: true)
    }

    /// Takes out the entry of `key` if it is of the record with number `sequence`; whether it was.
    func remove(_ key: IndexKey, sequence: UInt64) -> Bool {
        shard(of: key).remove(key, sequence: sequence)
    }

    /// What became of an entry that should go.
    enum Removal: Equatable {
        case removed
        /// There is none, or it leads to another record.
        case leadsElsewhere
        /// It stays, as it was used.
        case usedSince(IndexEntry)
    }

    /// Takes out the entry of `key` if it leads to `place` and was not used after `time`.
    func remove(_ key: IndexKey, at place: Place, unlessUsedAfter time: UInt32) -> Removal {
        shard(of: key).remove(key, at: place, unlessUsedAfter: time)
    }

    /// Puts `entry` in the place of the one of the record with number `sequence`, if that is there; whether it
    /// was. The later last use stays. It needs no room.
    @discardableResult
    func move(_ entry: IndexEntry, from sequence: UInt64) -> Bool {
        shard(of: entry.key).move(entry, from: sequence)
    }

    /// Makes room for an entry of `key`, so that putting it in cannot fail for want of it.
    func makeRoom(for key: IndexKey) throws(StoreError) {
        try shard(of: key).makeRoom()
    }

    private func shard(of key: IndexKey) -> IndexShard {
        shards[Int(key.firstByte) % Self.shardCount]
    }

    /// Takes out what a loss of power left and `isKept` refuses, and counts anew.
    func sweep(_ isKept: (IndexEntry) -> Bool) {
        for shard in shards { shard.sweep(isKept) }
    }

    /// The table of each shard with its generation; their files stay until ``keepOnly(_:)``.
    func pinTables() -> [IndexFiles.Found?] { shards.map { $0.pinTable() } }

    /// Removes files that were replaced, unless they are of these generations, one for each shard.
    func keepOnly(_ generations: [UInt32]) {
        for (shard, generation) in zip(shards, generations) { shard.keepOnly(generation) }
    }

    /// Leaves the counts where the next opening finds them.
    func noteCounts() {
        for shard in shards { shard.noteCounts() }
    }

    /// Calls `body` with every entry, shard by shard.
    func forEach(_ body: (IndexEntry) -> Void) {
        for shard in shards { shard.forEach(body) }
    }
}
