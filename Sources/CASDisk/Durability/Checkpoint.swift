// SPDX-License-Identifier: Apache-2.0

import Bytes

/// What is known to be on the disk as of one moment: how far the log, and which files of the index.
struct Checkpoint: Equatable, Sendable {
    /// Every checkpoint has a higher number than the one before.
    var number: UInt64

    /// Every record before this place is on the disk, with the file that it names.
    var place: Place

    /// The number of the first record from ``place`` on; the index files have every entry with a lower one.
    var sequence: UInt64

    /// The generation of each shard's file, 0 for a shard without one.
    var generations: [UInt32]
}

/// `index/checkpoint`: the last two checkpoints, so that one is whole whenever power is lost.
///
/// Each is a page of little-endian words:
///
///     0   magic "CMCHECK1"
///     8   number
///     16  segment; 24 offset; 32 sequence number
///     40  how many generations follow, 8 bytes, and they, 4 bytes each
///     …   XXH3 of the bytes before, seeded with the identity of the store
struct CheckpointFile: Sendable {
    static let fileSize = 2 * pageSize

    private static let pageSize = 4096
    private static let magic: UInt64 = 0x314b_4345_4843_4d43
    private static let byteCount = 48 + Index.shardCount * 4

    private let file: File
    private let identity: UInt64

    var path: String { file.path }

    /// Opens or makes the file; it has its blocks from then on, so that a full disk keeps no checkpoint away.
    init(_ files: StoreFiles, identity: UInt64, dirty: DirtyFiles) throws(SystemError) {
        file = try File(files.checkpoint, .create, on: files.system)
        self.identity = identity
        guard try file.size() != Self.fileSize else { return }
        try file.allocate(from: 0, count: Self.fileSize)
        dirty.note(directory: files.index)
    }

    /// The newest whole checkpoint, or nil.
    func newest() throws(SystemError) -> Checkpoint? {
        var newest: Checkpoint?
        for page in 0..<2 {
            guard let found = try read(page), found.number > newest?.number ?? 0 else { continue }
            newest = found
        }
        return newest
    }

    /// Returns when no checkpoint is on the disk.
    func clear() throws(SystemError) {
        try withUnsafeTemporaryAllocation(byteCount: Self.fileSize, alignment: 16) {
            (room) throws(SystemError) in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            try file.write(UnsafeRawBufferPointer(room), at: 0)
        }
        try file.sync()
    }

    /// Returns when `checkpoint` is on the disk.
    func write(_ checkpoint: Checkpoint) throws(SystemError) {
        try withUnsafeTemporaryAllocation(byteCount: Self.pageSize, alignment: 16) {
            (room) throws(SystemError) in
            guard let start = room.baseAddress else { return }
            room.initializeMemory(as: UInt8.self, repeating: 0)
            Self.store(checkpoint, to: start)
            let content = UnsafeRawBufferPointer(start: start, count: Self.byteCount)
            start.storeBytes(
                of: Checksum.of(content, seed: identity), toByteOffset: Self.byteCount, as: UInt64.self)
            // In the place of the one before the last.
            try file.write(
                UnsafeRawBufferPointer(room), at: Int(checkpoint.number % 2) * Self.pageSize)
        }
        try file.sync()
    }

    private static func store(_ checkpoint: Checkpoint, to start: UnsafeMutableRawPointer) {
        let words = [
            magic, checkpoint.number, UInt64(checkpoint.place.segment), UInt64(checkpoint.place.offset),
            checkpoint.sequence, UInt64(checkpoint.generations.count),
        ]
        for (position, word) in words.enumerated() {
            start.storeBytes(of: word, toByteOffset: position * 8, as: UInt64.self)
        }
        for (position, generation) in checkpoint.generations.enumerated() {
            start.storeBytes(of: generation, toByteOffset: 48 + position * 4, as: UInt32.self)
        }
    }

    private func read(_ page: Int) throws(SystemError) -> Checkpoint? {
        try withUnsafeTemporaryAllocation(byteCount: Self.pageSize, alignment: 16) {
            (room) throws(SystemError) in
            do throws(SystemError) {
                let count = try file.read(into: room, at: page * Self.pageSize)
                guard count == Self.pageSize, let start = room.baseAddress else { return nil }
                return load(start)
            } catch {
                // The other page may be readable.
                guard error == .unreadable else { throw error }
                return nil
            }
        }
    }

    private func load(_ start: UnsafeMutableRawPointer) -> Checkpoint? {
        func word(_ position: Int) -> UInt64 { start.load(fromByteOffset: position * 8, as: UInt64.self) }
        let content = UnsafeRawBufferPointer(start: start, count: Self.byteCount)
        guard word(0) == Self.magic, word(5) == UInt64(Index.shardCount),
            start.load(fromByteOffset: Self.byteCount, as: UInt64.self)
                == Checksum.of(content, seed: identity)
        else { return nil }
        return Checkpoint(
            number: word(1),
            place: Place(segment: UInt32(truncatingIfNeeded: word(2)), offset: Int(word(3))),
            sequence: word(4),
            generations: (0..<Index.shardCount).map {
                start.load(fromByteOffset: 48 + $0 * 4, as: UInt32.self)
            })
    }
}
