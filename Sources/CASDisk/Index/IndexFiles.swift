// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc

/// Makes and finds the files of the index: one per shard, `index/SS-GGGGGGGG` with the shard's number and a
/// generation.
///
/// A shard that grows gets a new file of the next generation; its header is written when all entries are in
/// it, and then the file before goes. The generation lets a checkpoint keep the file of which it knows that
/// it reached the disk.
struct IndexFiles: Sendable {
    let files: StoreFiles
    let space: SpaceLedger

    let dirty: DirtyFiles

    /// What the files beside the tables occupy.
    static let fixedBytes = StoreState.fileSize + CheckpointFile.fileSize

    /// A table and the generation of its file.
    typealias Found = (table: IndexTable, generation: UInt32)

    /// The files of a shard.
    struct ShardFiles {
        /// The one in use.
        var current: Found?
        /// One that was replaced, but the last checkpoint names it.
        var replaced: Found?
    }

    /// Which files can be used after the last ending.
    enum Trust {
        /// The newest; the counts in them are right.
        case newest(withCounts: Bool)
        /// Those that the checkpoint names.
        case checkpoint
        /// None.
        case nothing
    }

    /// The files of each shard that can be used; others are removed.
    ///
    /// - Throws: ``StoreError/Code/notFound`` when a shard that the checkpoint knows has no whole file.
    func tables(_ trust: Trust, checkpoint: Checkpoint?) throws(StoreError) -> [ShardFiles] {
        space.set(Self.fixedBytes, for: .index)
        var shards = [ShardFiles](repeating: ShardFiles(), count: Index.shardCount)
        for name in try files.names(in: files.index) {
            guard let (shard, generation) = Self.parse(name), shard < shards.count else { continue }
            let isCheckpointed = checkpoint?.generations[shard] == generation
            let table =
                switch trust {
                case .newest(let withCounts):
                    try open(shard, generation, isClean: withCounts)
                case .checkpoint:
                    isCheckpointed ? try open(shard, generation, isClean: false) : nil
                case .nothing: nil as IndexTable?
                }
            guard let table else {
                try files.remove(path(shard, generation))
                continue
            }
            // Names are in order, so a later one of a shard is newer.
            let older = shards[shard].current
            shards[shard].current = (table, generation)
            guard let older else { continue }
            if checkpoint?.generations[shard] == older.generation {
                shards[shard].replaced = older
            } else {
                remove(shard, older.generation, capacity: older.table.capacity)
            }
        }
        switch trust {
        case .newest, .checkpoint: try Self.check(shards, after: checkpoint)
        case .nothing: break
        }
        return shards
    }

    private static func check(_ shards: [ShardFiles], after checkpoint: Checkpoint?) throws(StoreError) {
        for (shard, generation) in (checkpoint?.generations ?? []).enumerated()
        where generation != 0 && shards[shard].current == nil {
            throw StoreError(.notFound, "A file of the index is gone or not whole.")
        }
    }

    private func open(_ shard: Int, _ generation: UInt32, isClean: Bool) throws(StoreError) -> IndexTable? {
        let file = try files.open(path(shard, generation), .readAndWrite)
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        guard let capacity = IndexTable.capacity(fileSize: size),
            let table = IndexTable(
                in: try file.mapWhole(count: size), of: file, capacity: capacity, isClean: isClean)
        else { return nil }
        space.note(SpaceLedger.blocks(size), for: .index)
        return table
    }

    /// Makes the file of `shard` with a table in it, which `fill` fills; it replaces that of the generation
    /// before.
    func make(
        _ shard: Int, _ generation: UInt32, capacity: Int, filledBy fill: (IndexTable) -> Void
    ) throws(StoreError) -> IndexTable {
        let size = IndexTable.fileSize(capacity: capacity)
        try space.take(SpaceLedger.blocks(size), for: .index)
        let path = path(shard, generation)
        do throws(StoreError) {
            let file = try files.open(path, .createNew)
            // Mapped memory without blocks under it would end the process when the disk is full.
            try file.orStoreError("make room for the index") { () throws(SystemError) in
                try file.allocate(from: 0, count: size)
            }
            let table = IndexTable(emptyIn: try file.mapWhole(count: size), of: file, capacity: capacity)
            fill(table)
            table.complete()
            dirty.note(directory: files.index)
            return table
        } catch {
            try? files.remove(path)  // The next opening removes it, and the first error is the one to tell.
            space.give(SpaceLedger.blocks(size), from: .index)
            throw error
        }
    }

    /// Removes the file of a generation that was replaced.
    func remove(_ shard: Int, _ generation: UInt32, capacity: Int) {
        // The next opening removes it if this fails; a newer one is there.
        try? files.remove(path(shard, generation))
        space.give(SpaceLedger.blocks(IndexTable.fileSize(capacity: capacity)), from: .index)
    }

    private func path(_ shard: Int, _ generation: UInt32) -> String {
        "\(files.index)/\(hexadecimal(UInt64(shard), digits: 2))-\(hexadecimal(UInt64(generation), digits: 8))"
    }

    private static func parse(_ name: String) -> (shard: Int, generation: UInt32)? {
        let parts = name.split(separator: "-")
        guard parts.count == 2, parts[0].count == 2, parts[1].count == 8,
            let shard = Int(parts[0], radix: 16), let generation = UInt32(parts[1], radix: 16)
        else { return nil }
        return (shard, generation)
    }
}

/// `number` in lower-case hexadecimal, with zeros in front up to `digits`.
func hexadecimal(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
