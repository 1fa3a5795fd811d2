// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Glibc

/// The bytes of a file twice: as the kernel holds them, and as they are on the medium.
///
/// What differs between the two is what was not synced. Bytes that are stored through a mapping need no call
/// to be seen: the mapping is the kernel's copy.
final class SimulatedFile: @unchecked Sendable {
    // Guarded by the lock of the disk that it is on.
    static let blockSize = 4096
    static let sectorSize = 512

    /// The length, as the kernel has it.
    private(set) var size = 0
    private(set) var sizeOnMedium = 0

    /// How many descriptors and mappings keep it, named or not.
    var references = 0
    var isNamed = true
    var lockHolder: Int32?

    private var cache: Memory
    private var medium: Memory

    /// Blocks that a sync failed to write and that no later one will: the kernel holds them for clean.
    private var forgottenBlocks: Set<Int> = []
    private var mappings = 0

    /// Whether the kernel makes it up.
    let isOfKernel: Bool

    init(_ content: [UInt8] = [], isOfKernel: Bool = false) {
        self.isOfKernel = isOfKernel
        cache = Memory(count: Self.bytes(ofBlocks: Self.blocks(content.count)))
        medium = Memory(count: cache.count)
        size = content.count
        content.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { memcpy(cache.start, start, bytes.count) }
        }
    }

    static func blocks(_ size: Int) -> Int { (size + blockSize - 1) / blockSize }

    private static func bytes(ofBlocks blocks: Int) -> Int { max(1, blocks) * blockSize }

    /// How many blocks it occupies.
    var blocks: Int { Self.blocks(size) }

    // MARK: What the kernel does

    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let count = max(0, min(room.count, size - offset))
        if count > 0, let start = room.baseAddress { memcpy(start, cache.start + offset, count) }
        return count
    }

    func write(_ content: UnsafeRawBufferPointer, at offset: Int) {
        guard let start = content.baseAddress, content.count > 0 else { return }
        if offset + content.count > size { resize(to: offset + content.count) }
        memcpy(cache.start + offset, start, content.count)
        let touched = offset / Self.blockSize...(offset + content.count - 1) / Self.blockSize
        forgottenBlocks.subtract(touched)
    }

    /// Cuts it, or makes it longer with zeros.
    func resize(to newSize: Int) {
        if newSize > cache.count {
            precondition(mappings == 0, "a mapped file does not grow on this disk")
            let count = Self.bytes(ofBlocks: Self.blocks(max(newSize, cache.count * 2)))
            cache = cache.copy(size, in: count)
            medium = medium.copy(medium.count, in: count)
        }
        if newSize < size { memset(cache.start + newSize, 0, size - newSize) }
        size = newSize
    }

    func map() -> Memory {
        mappings += 1
        references += 1
        return cache
    }

    func unmap(_ memory: Memory) {
        guard memory === cache else { return }
        mappings -= 1
        references -= 1
    }

    /// Lets go of who had it: what is stored through a mapping from now on is stored by the dead. What a sync
    /// failed to write, and the kernel held for clean, it has not kept until somebody looks again.
    func detach() {
        if mappings > 0 { cache = cache.copy(size, in: cache.count) }
        (mappings, references, lockHolder) = (0, 0, nil)
        for block in forgottenBlocks { readBack(block) }
        forgottenBlocks = []
    }

    // MARK: What reaches the medium

    func sync() {
        for block in 0..<Self.blocks(max(size, sizeOnMedium)) where !forgottenBlocks.contains(block) {
            copyBlock(block)
        }
        sizeOnMedium = size
    }

    /// Writes a block to the medium, as the kernel does when it likes; the length may come with it.
    func writeBack(_ random: inout SeededRandom) {
        guard blocks > 0 else { return }
        let block = Int.random(in: 0..<blocks, using: &random)
        guard !forgottenBlocks.contains(block) else { return }
        copyBlock(block)
        guard Bool.random(using: &random) else { return }
        sizeOnMedium = max(sizeOnMedium, min(size, (block + 1) * Self.blockSize))
    }

    /// A sync failed: some of what it should have written is clean now as far as the kernel knows, and gone
    /// from its memory too, if `fromCache`.
    func forgetUnsynced(fromCache: Bool, _ random: inout SeededRandom) {
        guard mappings == 0 else { return }
        for block in 0..<blocks where isDirty(block) && Bool.random(using: &random) {
            if fromCache {
                readBack(block)
            } else {
                forgottenBlocks.insert(block)
            }
        }
    }

    /// Keeps of what was not synced some sectors, and one of the lengths that it had.
    func losePower(_ random: inout SeededRandom) {
        let share: Double = [0.0, 0.0, 0.1, 0.5, 0.9, 1.0, 1.0].randomElement(using: &random) ?? 0
        let unit = Bool.random(using: &random) ? Self.sectorSize : Self.blockSize
        for block in 0..<blocks where isDirty(block) && !forgottenBlocks.contains(block) {
            for offset in stride(from: block * Self.blockSize, to: (block + 1) * Self.blockSize, by: unit)
            where Double.random(in: 0..<1, using: &random) < share {
                memcpy(medium.start + offset, cache.start + offset, unit)
            }
        }
        size = lengthAfterLoss(&random)
        sizeOnMedium = size
        memset(medium.start + size, 0, medium.count - size)
        cache = medium.copy(size, in: medium.count)
        forgottenBlocks = []
    }

    private func lengthAfterLoss(_ random: inout SeededRandom) -> Int {
        let range = min(size, sizeOnMedium)...max(size, sizeOnMedium)
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: return sizeOnMedium
        case 2, 3: return size
        default: return Int.random(in: range, using: &random)
        }
    }

    /// Turns one bit at `offset`, on the medium and in what was read from it.
    func flip(bit: Int, at offset: Int) {
        for memory in [cache, medium] {
            let byte = memory.start.load(fromByteOffset: offset, as: UInt8.self)
            memory.start.storeBytes(of: byte ^ (1 << bit), toByteOffset: offset, as: UInt8.self)
        }
    }

    /// Whether nothing would be lost with the power.
    var isSynced: Bool { size == sizeOnMedium && !(0..<blocks).contains(where: isDirty) }

    private func isDirty(_ block: Int) -> Bool {
        let offset = block * Self.blockSize
        return memcmp(cache.start + offset, medium.start + offset, Self.blockSize) != 0
    }

    private func readBack(_ block: Int) {
        let offset = block * Self.blockSize
        memcpy(cache.start + offset, medium.start + offset, Self.blockSize)
    }

    private func copyBlock(_ block: Int) {
        let offset = block * Self.blockSize
        memcpy(medium.start + offset, cache.start + offset, Self.blockSize)
    }
}
