// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A hash table of entries in a mapped file: open addressing over groups of eight slots, with a byte of tag
/// per slot.
///
///     0   magic, 8 bytes; capacity, 8 bytes; entries at the last close, 8 bytes; deleted slots, 8 bytes
///     64  slots, 64 bytes each
///     …   tags, one byte each: 0 empty, 1 deleted, else 0x80 and 7 bits of the key
///
/// A slot is written before its tag, so that a process that dies leaves no half entry: what it stored stays
/// in the kernel's pages in the order of its instructions.
final class IndexTable: @unchecked Sendable {
    // Everything here is called under the lock of the shard that owns the table.
    static let headerSize = 64
    static let groupSize = 8
    static let smallestCapacity = 56

    /// How much of the table may be entries and deleted slots together.
    static let fullAt = 0.85

    /// Entries of an index file that this code reads ("CMINDEX1").
    private static let magic: UInt64 = 0x3158_4544_4e49_4d43

    private static let lowBits: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    let capacity: Int
    private(set) var entries = 0
    private(set) var deleted = 0

    private let file: File
    private let mapping: Mapping
    private let slots: UnsafeMutableRawPointer
    private let tags: UnsafeMutableRawPointer
    private let groups: Int

    /// The size of the file of a table with `capacity` slots.
    static func fileSize(capacity: Int) -> Int {
        headerSize + capacity * (IndexSlot.byteCount + 1)
    }

    /// The capacity of the table in a file of `size` bytes, or nil if there is no such table.
    static func capacity(fileSize size: Int) -> Int? {
        let capacity = (size - headerSize) / (IndexSlot.byteCount + 1)
        guard capacity >= groupSize, capacity % groupSize == 0, fileSize(capacity: capacity) == size else {
            return nil
        }
        return capacity
    }

    /// The smallest capacity in which `count` entries fill at most the share `fill`.
    static func capacity(for count: Int, fill: Double) -> Int {
        let slots = Int((Double(count) / fill).rounded(.up))
        return max(smallestCapacity, (slots + groupSize - 1) / groupSize * groupSize)
    }

    /// The largest capacity whose file fits in the whole pages of `bytes`.
    static func capacity(inPagesOf bytes: Int) -> Int {
        let slots = (bytes / 4096 * 4096 - headerSize) / (IndexSlot.byteCount + 1)
        return max(smallestCapacity, slots / groupSize * groupSize)
    }

    /// An empty table in a file of zeros, which is none before ``complete()``.
    init(emptyIn mapping: Mapping, of file: File, capacity: Int) {
        (self.mapping, self.file, self.capacity) = (mapping, file, capacity)
        (slots, tags, groups) = Self.parts(of: mapping, capacity)
    }

    /// Lets the next opening find the table: everything that it starts with is in it.
    func complete() {
        mapping.start.storeBytes(of: UInt64(capacity), toByteOffset: 8, as: UInt64.self)
        atomicMemoryFence(ordering: .releasing)
        mapping.start.storeBytes(of: Self.magic, as: UInt64.self)
    }

    /// The table that the file holds, or nil if it holds none of `capacity` slots.
    ///
    /// - Parameter isClean: whether the counts in the header can be trusted; else the tags are counted.
    init?(in mapping: Mapping, of file: File, capacity: Int, isClean: Bool) {
        guard mapping.start.load(as: UInt64.self) == Self.magic,
            mapping.start.load(fromByteOffset: 8, as: UInt64.self) == UInt64(capacity)
        else { return nil }
        (self.mapping, self.file, self.capacity) = (mapping, file, capacity)
        (slots, tags, groups) = Self.parts(of: mapping, capacity)
        if isClean {
            entries = Int(mapping.start.load(fromByteOffset: 16, as: UInt64.self))
            deleted = Int(mapping.start.load(fromByteOffset: 24, as: UInt64.self))
        } else {
            countTags()
        }
    }

    private static func parts(
        of mapping: Mapping, _ capacity: Int
    ) -> (slots: UnsafeMutableRawPointer, tags: UnsafeMutableRawPointer, groups: Int) {
        let slots = mapping.start + headerSize
        return (slots, slots + capacity * IndexSlot.byteCount, capacity / groupSize)
    }

    private func countTags() {
        (entries, deleted) = (0, 0)
        for group in 0..<groups {
            let word = word(of: group)
            let live = (word & Self.highBits).nonzeroBitCount
            entries += live
            deleted += (word & Self.lowBits & ~(word >> 7)).nonzeroBitCount
        }
    }

    /// Leaves the counts where the next opening finds them.
    func noteCounts() {
        mapping.start.storeBytes(of: UInt64(entries), toByteOffset: 16, as: UInt64.self)
        mapping.start.storeBytes(of: UInt64(deleted), toByteOffset: 24, as: UInt64.self)
    }

    /// Whether one more entry would fill it too much.
    var isFull: Bool { Double(entries + deleted + 1) > Self.fullAt * Double(capacity) }

    /// The path of its file.
    var path: String { file.path }

    /// Returns when everything that was in the table before the call is on the disk. What changes meanwhile may
    /// be or not; this alone needs no lock.
    func sync() throws(SystemError) {
        try file.sync()
    }

    // MARK: Finding

    /// The first slot that holds `key`, or nil.
    func find(_ key: IndexKey) -> Int? {
        let pattern = UInt64(key.tag) &* Self.lowBits
        var group = key.home(among: groups)
        for _ in 0..<groups {
            let word = word(of: group)
            let different = word ^ pattern
            // A byte above a match may look like one; comparing the key tells.
            var matches = (different &- Self.lowBits) & ~different & Self.highBits
            while matches != 0 {
                let slot = group * Self.groupSize + matches.trailingZeroBitCount / 8
                if IndexSlot.hasKey(key, memory(of: slot)) { return slot }
                matches &= matches - 1
            }
            if Self.hasEmpty(word) { return nil }
            group = next(group)
        }
        return nil
    }

    func size(at slot: Int) -> Int { IndexSlot.size(memory(of: slot)) }

    func entry(at slot: Int) -> IndexEntry? { IndexSlot.load(memory(of: slot)) }

    func touch(_ slot: Int, at time: UInt32) { IndexSlot.touch(memory(of: slot), time) }

    /// Calls `body` with every entry that is whole.
    func forEach(_ body: (IndexEntry) -> Void) {
        for group in 0..<groups {
            var live = word(of: group) & Self.highBits
            while live != 0 {
                let slot = group * Self.groupSize + live.trailingZeroBitCount / 8
                if let entry = entry(at: slot) { body(entry) }
                live &= live - 1
            }
        }
    }

    // MARK: Changing

    /// Puts `entry` in, in place of the one with its key, which is in the slot `replaced`. There must be
    /// room.
    func insert(_ entry: IndexEntry, replacing replaced: Int?) {
        let slot = freeSlot(for: entry.key)
        IndexSlot.store(entry, to: memory(of: slot))
        // The tag makes the slot visible, also to who maps the file after this process died in between.
        atomicMemoryFence(ordering: .releasing)
        if tag(of: slot) == Tag.deleted { deleted -= 1 }
        setTag(of: slot, entry.key.tag)
        entries += 1
        atomicMemoryFence(ordering: .releasing)
        if let replaced { remove(replaced) }
    }

    /// Lets `slot` hold another entry of the same key.
    ///
    /// A death in the middle leaves a slot that is not whole: the record of the new entry must be among those
    /// that the next opening reads.
    func replace(_ slot: Int, by entry: IndexEntry) {
        IndexSlot.store(entry, to: memory(of: slot))
    }

    /// Takes the entry in `slot` out.
    func remove(_ slot: Int) {
        entries -= 1
        // A search ends at a group with an empty slot, so there no mark is needed for searches to go on.
        guard Self.hasEmpty(word(of: slot / Self.groupSize)) else {
            setTag(of: slot, Tag.deleted)
            deleted += 1
            return
        }
        setTag(of: slot, Tag.empty)
    }

    /// Takes out what a loss of power left: what is not whole, what `isKept` refuses, what no search finds, and the
    /// older of two entries of a key. Counts what stays.
    func sweep(_ isKept: (IndexEntry) -> Bool) {
        keepLive { slot in
            guard let entry = entry(at: slot), tag(of: slot) == entry.key.tag else { return false }
            return isKept(entry)
        }
        keepLive { slot in
            guard let entry = entry(at: slot), let found = find(entry.key) else { return false }
            guard found != slot, let other = self.entry(at: found) else { return true }
            guard other.sequence < entry.sequence else { return false }
            setTag(of: found, Tag.deleted)
            return true
        }
        countTags()
    }

    /// Marks the slots with a live tag that `isKept` refuses as deleted, so that searches go on past them.
    private func keepLive(_ isKept: (Int) -> Bool) {
        for group in 0..<groups {
            var live = word(of: group) & Self.highBits
            while live != 0 {
                let slot = group * Self.groupSize + live.trailingZeroBitCount / 8
                if !isKept(slot) { setTag(of: slot, Tag.deleted) }
                live &= live - 1
            }
        }
    }

    private enum Tag {
        static let empty: UInt8 = 0
        static let deleted: UInt8 = 1
    }

    private func freeSlot(for key: IndexKey) -> Int {
        var group = key.home(among: groups)
        for _ in 0..<groups {
            let free = ~word(of: group) & Self.highBits
            if free != 0 { return group * Self.groupSize + free.trailingZeroBitCount / 8 }
            group = next(group)
        }
        preconditionFailure("an index table is never filled up")
    }

    // MARK: Memory

    private static func hasEmpty(_ word: UInt64) -> Bool {
        (word &- lowBits) & ~word & highBits != 0
    }

    private func next(_ group: Int) -> Int { group + 1 == groups ? 0 : group + 1 }

    private func word(of group: Int) -> UInt64 { tags.load(fromByteOffset: group * 8, as: UInt64.self) }

    private func tag(of slot: Int) -> UInt8 { tags.load(fromByteOffset: slot, as: UInt8.self) }

    private func setTag(of slot: Int, _ tag: UInt8) {
        tags.storeBytes(of: tag, toByteOffset: slot, as: UInt8.self)
    }

    private func memory(of slot: Int) -> UnsafeMutableRawPointer { slots + slot * IndexSlot.byteCount }
}
