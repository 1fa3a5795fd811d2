// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc

/// What an opening must know about the last one: how it ended, and how far the log had come.
///
/// A mapped page of 64-bit words: a process that dies leaves the words as it last stored them. Nothing in it
/// is the only copy: without it, the segments are read instead.
final class StoreState: @unchecked Sendable {
    // Each word has one writer: the log under its lock, the object files under theirs, or opening and
    // closing.
    /// The words, by their position.
    enum Word: Int {
        case magic
        case isClean
        case bootIdentityLow
        case bootIdentityHigh
        /// The number that the next record gets.
        case nextSequence
        /// The segment that is appended to, 0 if there is none.
        case segment
        /// Where the next record goes; up to here, bytes may have been written.
        case tail
        /// How many bytes the records of the segment stand for, with the large files that they name.
        case bytesStoodFor
        /// Every record before this place is in the index, or never will be.
        case settledSegment
        case settledOffset
        /// What the files in `objects/` occupy.
        case objectBytes
        /// How many entries the index had at the last close.
        case entries
        /// Whether the disk failed to take something: the next opening cannot trust what it finds.
        case hasFailed
    }

    /// How the last opening ended.
    enum Ending: Equatable {
        /// There was none, or its state is gone.
        case unknown
        /// With a close.
        case clean
        /// With the death of the process; the machine went on.
        case killed
        /// With the machine; what had not reached the disk is lost.
        case powerLost
    }

    /// What stands first in the file ("CMSTATE1").
    private static let magic: UInt64 = 0x3145_5441_5453_4d43
    static let fileSize = 4096

    /// How the opening before this one ended.
    private(set) var ending: Ending

    private let file: File
    private let mapping: Mapping
    private let bootIdentity: (UInt64, UInt64)

    init(_ files: StoreFiles) throws(StoreError) {
        let file = try files.open(files.state, .create)
        try file.orStoreError("make room for \(file.path)") { () throws(SystemError) in
            if try file.size() != Self.fileSize {
                try file.truncate(to: 0)
                try file.allocate(from: 0, count: Self.fileSize)
            }
        }
        self.file = file
        mapping = try file.mapWhole(count: Self.fileSize)
        bootIdentity = Self.readBootIdentity(on: files.system)
        let memory = mapping.start
        func word(_ word: Word) -> UInt64 { memory.load(fromByteOffset: word.rawValue * 8, as: UInt64.self) }
        let isSameBoot = (word(.bootIdentityLow), word(.bootIdentityHigh)) == bootIdentity
        ending =
            if word(.magic) != Self.magic {
                .unknown
            } else if word(.isClean) == 1 {
                .clean
            } else {
                isSameBoot && word(.hasFailed) == 0 ? .killed : .powerLost
            }
        // What this opening takes out of the index, a later one must not miss if this one comes to no end.
        if ending == .powerLost { self[.hasFailed] = 1 }
        if ending == .unknown { memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.fileSize) }
    }

    subscript(word: Word) -> UInt64 {
        get { mapping.start.load(fromByteOffset: word.rawValue * 8, as: UInt64.self) }
        set { mapping.start.storeBytes(of: newValue, toByteOffset: word.rawValue * 8, as: UInt64.self) }
    }

    /// The place in two words.
    subscript(segment: Word, offset: Word) -> Place {
        get { Place(segment: UInt32(truncatingIfNeeded: self[segment]), offset: Int(self[offset])) }
        set {
            self[segment] = UInt64(newValue.segment)
            self[offset] = UInt64(newValue.offset)
        }
    }

    /// Treats the index as if nothing were known of it; so does the next opening, if this one comes to no end.
    func distrustIndex() throws(StoreError) {
        ending = .unknown
        self[.magic] = 0
        try sync()
    }

    /// Lets the next opening trust only what reached the disk before the last checkpoint.
    func noteFailure() {
        self[.hasFailed] = 1
    }

    /// Notes that the store is in use: from now on an ending without ``markClosed(entries:)`` is a death. Returns
    /// when the disk knows it.
    func markOpen() throws(StoreError) {
        self[.isClean] = 0
        self[.hasFailed] = 0
        self[.bootIdentityLow] = bootIdentity.0
        self[.bootIdentityHigh] = bootIdentity.1
        self[.magic] = Self.magic
        try sync()
    }

    /// Notes that everything is on the disk, and that the index has so many entries.
    func markClosed(entries: Int) throws(StoreError) {
        self[.entries] = UInt64(entries)
        self[.isClean] = 1
        try sync()
    }

    private func sync() throws(StoreError) {
        try file.orStoreError("sync \(file.path)") { () throws(SystemError) in try file.sync() }
    }

    /// The number that the kernel gave this boot of the machine; zero where it gives none.
    private static func readBootIdentity(on system: any FileSystem) -> (UInt64, UInt64) {
        // Without one, every death counts as one of the process, as far as this can tell.
        guard let file = try? File("/proc/sys/kernel/random/boot_id", .read, on: system) else {
            return (0, 0)
        }
        var text = [UInt8](repeating: 0, count: 64)
        let count = text.withUnsafeMutableBytes { room in (try? file.read(into: room, at: 0)) ?? 0 }
        let digits = String(decoding: text[..<count], as: UTF8.self).filter(\.isHexDigit)
        return (UInt64(digits.prefix(16), radix: 16) ?? 0, UInt64(digits.dropFirst(16), radix: 16) ?? 0)
    }
}
