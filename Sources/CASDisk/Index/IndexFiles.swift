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

    /// A table and the generation of its file.
    typealias Found = (table: IndexTable, generation: UInt32)

    /// The newest complete table of each shard that has one; other files are removed.
    func newest(isClean: Bool) throws(StoreError) -> [Int: Found] {
        var newest: [Int: Found] = [:]
        for name in try files.names(in: files.index) {
            guard let (shard, generation) = Self.parse(name) else { continue }
            guard let table = try open(shard, generation, isClean: isClean) else {
                try files.remove(path(shard, generation))
                continue
            }
            // Names are in order, so a later one of a shard is newer.
            if let older = newest.updateValue((table, generation), forKey: shard) {
                remove(shard, older.generation, capacity: older.table.capacity)
            }
        }
        return newest
    }

    private func open(_ shard: Int, _ generation: UInt32, isClean: Bool) throws(StoreError) -> IndexTable? {
        let file = try files.open(path(shard, generation), .readAndWrite)
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        guard let capacity = IndexTable.capacity(fileSize: size),
            let table = IndexTable(in: try file.mapWhole(count: size), capacity: capacity, isClean: isClean)
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
            let table = IndexTable(emptyIn: try file.mapWhole(count: size), capacity: capacity)
            fill(table)
            table.complete()
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

    static func parse(_ name: String) -> (shard: Int, generation: UInt32)? {
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
