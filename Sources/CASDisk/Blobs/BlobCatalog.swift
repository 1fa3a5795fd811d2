// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Logging
import Synchronization

/// Finds blobs and reads them back, each byte checked; what is found damaged is dropped, so that it is
/// missing again and a client can heal it.
final class BlobCatalog: Sendable {
    /// The length of a block of an object, which has a checksum of its own, and of the largest piece of a
    /// reader.
    static let blockSize = 1 << 20

    /// Records that are larger than this are read into pooled memory; below, a block of the heap is as cheap.
    private static let pooledFrom = 64 << 10

    let index: Index
    let segments: SegmentFiles
    let objects: ObjectFiles
    let clock: WallClock

    private let logger: Logger
    private let damaged = Atomic<Int>(0)
    private let pool = BufferPool(bufferSize: blockSize + 4096, keptAtMost: 64)

    init(index: Index, segments: SegmentFiles, objects: ObjectFiles, clock: WallClock, logger: Logger) {
        self.index = index
        self.segments = segments
        self.objects = objects
        self.clock = clock
        self.logger = logger
    }

    /// How many entries were dropped since the store was opened because what they lead to was wrong.
    var damagedEntries: Int { damaged.load(ordering: .relaxed) }

    /// Whether the index has the blob; notes its use at `time`.
    func touch(_ digest: Digest, at time: UInt32) -> Bool {
        digest.isOfEmptyBlob || index.touch(IndexKey(of: digest), size: digest.size, at: time)
    }

    /// What `body` makes of the entry of `digest`; an entry that it finds damaged is dropped, and the next
    /// one tried.
    ///
    /// - Throws: ``StoreError/Code/notFound`` when no entry is left.
    func read<Result>(
        _ digest: Digest, _ body: (IndexEntry) throws(ReadFailure) -> Result
    ) throws(StoreError) -> Result {
        let key = IndexKey(of: digest)
        let now = clock.now()
        while let entry = index.find(key, usedAt: now), entry.size == digest.size {
            do {
                return try body(entry)
            } catch {
                switch error {
                case .damaged(let what): drop(entry, because: what)
                case .failed(let failure): throw failure
                }
            }
        }
        throw StoreError(.notFound, "The blob \(digest) is not here.")
    }

    /// The whole content of the blob.
    func readWhole(_ digest: Digest) throws(StoreError) -> Bytes {
        guard !digest.isOfEmptyBlob else { return Bytes() }
        return try read(digest) { (entry) throws(ReadFailure) in
            switch entry.kind {
            case .blob: try content(of: entry)
            case .object: try ObjectContent(of: entry, in: self).readWhole()
            }
        }
    }

    /// The content of a blob that is in its record.
    func content(of entry: IndexEntry) throws(ReadFailure) -> Bytes {
        let (header, payload) = try record(of: entry)
        let content = payload[RecordHeader.hashSize(header.function)..<payload.count]
        guard content.count == header.storedSize else { throw .damaged("its record has another size") }
        return content
    }

    /// The record that `entry` leads to, with its payload, checked.
    func record(of entry: IndexEntry) throws(ReadFailure) -> (RecordHeader, Bytes) {
        let file = try segment(of: entry)
        let size = RecordHeader.byteCount + entry.payloadSize
        var found: RecordHeader?
        func fill(_ room: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int {
            let room = UnsafeMutableRawBufferPointer(rebasing: room[..<size])
            found = try readRecord(of: entry, in: file, into: room)
            return size
        }
        let bytes =
            size < Self.pooledFrom || size > pool.bufferSize
            ? try Bytes(capacity: size, filledBy: fill) : try pool.bytes(filledBy: fill)
        guard let found else { throw .damaged("its record was not read") }
        return (found, bytes[RecordHeader.byteCount..<size])
    }

    private func segment(of entry: IndexEntry) throws(ReadFailure) -> File {
        do {
            return try segments.file(entry.place.segment)
        } catch {
            guard error == .notThere else {
                throw .failed(.system(error, doing: "open segment \(entry.place.segment)"))
            }
            throw .damaged("segment \(entry.place.segment) is gone")
        }
    }

    private func readRecord(
        of entry: IndexEntry, in file: File, into room: UnsafeMutableRawBufferPointer
    ) throws(ReadFailure) -> RecordHeader {
        let count = try Self.read(file, into: room, at: entry.place.offset)
        guard count == room.count, let start = room.baseAddress,
            let header = RecordHeader(start, at: entry.place, of: segments.identity)
        else { throw .damaged("its record has no whole header") }
        guard header.entry(at: entry.place) == entry.lastUsed(at: header.lastUse) else {
            throw .damaged("its record is of another blob")
        }
        let payload = UnsafeRawBufferPointer(rebasing: room[RecordHeader.byteCount...])
        guard Checksum.of(payload) == header.payloadChecksum else {
            throw .damaged("its payload does not have the checksum it was written with")
        }
        return header
    }

    /// Fills `room` with a block of an object.
    func pooledBlock(
        _ body: (UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int
    ) throws(ReadFailure) -> Bytes {
        try pool.bytes(filledBy: body)
    }

    /// Reads from a file of the store; bytes that the device cannot read back are damaged ones.
    static func read(
        _ file: File, into room: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(ReadFailure) -> Int {
        do {
            return try file.read(into: room, at: offset)
        } catch {
            guard error == .unreadable else { throw .failed(.system(error, doing: "read \(file.path)")) }
            throw .damaged("the disk cannot read it")
        }
    }

    /// Takes `entry` out of the index, as what it leads to is wrong.
    ///
    /// The file of an object stays until its segment goes: a record in it names the file. Whether it did: another
    /// reader may have dropped it, or a writer have healed it.
    @discardableResult
    func drop(_ entry: IndexEntry, because what: String) -> Bool {
        guard index.remove(entry.key, sequence: entry.sequence) else { return false }
        damaged.wrappingAdd(1, ordering: .relaxed)
        logger.error(
            "A stored blob is damaged and was dropped; a client can push it again.",
            metadata: [
                "key": "\(entry.key.hexadecimal)", "size": "\(entry.size)",
                "segment": "\(entry.place.segment)",
                "offset": "\(entry.place.offset)", "reason": "\(what)",
            ])
        return true
    }
}

/// Why stored bytes were not read.
enum ReadFailure: Error {
    /// They are not what was written, or are gone; the sentence says which.
    case damaged(String)
    /// The system refused, which says nothing of the bytes.
    case failed(StoreError)
}

extension IndexEntry {
    /// The same entry, last used at `time`.
    func lastUsed(at time: UInt32) -> IndexEntry {
        var entry = self
        entry.lastUse = time
        return entry
    }
}
