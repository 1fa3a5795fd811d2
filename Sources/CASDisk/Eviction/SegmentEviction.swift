// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASStore

/// Takes the blobs out of one segment: lets go what was not used lately, and appends the rest again.
///
/// Every step leaves a store that an opening after a death finds whole. A blob that goes leaves the index
/// first, then its file goes; the segment's file, last, is the caller's to remove. A blob that stays is found
/// at its old place until the copy is on the disk.
struct SegmentEviction {
    /// What a segment's blobs are taken out of, and put in again.
    struct Parts: Sendable {
        let catalog: BlobCatalog
        let log: SegmentLog
        let dirtyFiles: DirtyFiles
    }

    /// When the segment was begun, in seconds since 1970.
    let begunAt: UInt32

    private let parts: Parts
    private let walk: HeaderWalk
    private var batch = ReappendedBatch()

    /// Whether something must stay and there is no room for it elsewhere.
    private var isBlocked = false

    /// What was done so far.
    private(set) var tally = EvictionTally()

    /// The segment of the given number, to which nobody writes any more.
    init(_ number: UInt32, _ parts: Parts) throws(StoreError) {
        self.parts = parts
        let segments = parts.catalog.segments
        let file = try segments.files.open(segments.path(number), .read)
        let what = "look at \(file.path)"
        let end = try file.orStoreError(what) { () throws(SystemError) in try file.size() }
        walk = HeaderWalk(segment: number, identity: segments.identity, file: file, end: end)
        begunAt = try Self.begunAt(walk, segments)
    }

    /// The size of the segment's file.
    var fileSize: Int { walk.end }

    private static func begunAt(_ walk: HeaderWalk, _ segments: SegmentFiles) throws(StoreError) -> UInt32 {
        do throws(SystemError) {
            if let time = try segments.begunAt(walk.segment, in: walk.file) { return time }
        } catch {
            guard error == .unreadable else { throw .system(error, doing: "read \(walk.file.path)") }
        }
        // Without a header, the first record says it as well, unless it was appended again.
        var time: UInt32 = 0
        _ = try walk.forEach { header, _ in
            time = header.lastUse
            return false
        }
        return time
    }

    // MARK: Deciding

    /// What would become of the blobs if those went that were not used after `cutoff`. Nothing is changed.
    func plan(_ cutoff: UInt32) throws(StoreError) -> VictimPlan {
        var plan = VictimPlan(fileSize: fileSize)
        _ = try walk.forEach { (header, place) throws(StoreError) in
            if let entry = parts.catalog.index.find(header.key), entry.place == place {
                if entry.lastUse > cutoff { plan.keep(header) } else { plan.evict(header) }
            } else if isOrphan(header), parts.catalog.objects.contains(header.objectName) {
                plan.removeOrphan(header)
            }
            return true
        }
        return plan
    }

    /// Whether the record, which no entry leads to, names a file that the record in use does not name.
    private func isOrphan(_ header: RecordHeader) -> Bool {
        guard header.kind == .object else { return false }
        guard let entry = parts.catalog.index.find(header.key), entry.kind == .object else { return true }
        // What cannot be read may name the file: it stays.
        guard let (other, _) = try? parts.catalog.record(of: entry) else { return false }
        return other.objectName != header.objectName
    }

    // MARK: Acting

    /// Lets the blobs go that were not used after `cutoff`, and appends the others again; for one that finds
    /// no room, `protectedAfter` decides.
    ///
    /// - Returns: whether nothing in the segment is needed any more.
    mutating func run(_ cutoff: UInt32, protectedAfter: UInt32) throws(StoreError) -> Bool {
        let skipped = try walk.forEach { (header, place) throws(StoreError) in
            switch parts.catalog.index.remove(header.key, at: place, unlessUsedAfter: cutoff) {
            case .removed: try finishEvicting(header)
            case .leadsElsewhere: try removeOrphan(header)
            case .usedSince(let entry): try keep(entry, protectedAfter: protectedAfter)
            }
            return !isBlocked
        }
        try appendBatch(protectedAfter: protectedAfter)
        guard !isBlocked else { return false }
        if skipped > 0 { dropUnreadable() }
        return true
    }

    private mutating func finishEvicting(_ header: RecordHeader) throws(StoreError) {
        tally.evictedBlobs += 1
        tally.evictedBytes += header.storedSize
        guard header.kind == .object else { return }
        try parts.catalog.objects.remove(header.objectName)
    }

    private func removeOrphan(_ header: RecordHeader) throws(StoreError) {
        guard isOrphan(header) else { return }
        try parts.catalog.objects.remove(header.objectName)
    }

    private mutating func keep(_ entry: IndexEntry, protectedAfter: UInt32) throws(StoreError) {
        do throws(ReadFailure) {
            let (header, payload) = try parts.catalog.record(of: entry)
            if batch.isFull(for: header) { try appendFull(protectedAfter: protectedAfter) }
            batch.add(ReappendedBatch.Kept(entry: entry, header: header, payload: payload))
        } catch {
            switch error {
            case .damaged(let what): parts.catalog.drop(entry, because: what)
            case .failed(let failure): throw failure
            }
        }
    }

    private mutating func appendFull(protectedAfter: UInt32) throws(ReadFailure) {
        do throws(StoreError) {
            try appendBatch(protectedAfter: protectedAfter)
        } catch {
            throw .failed(error)
        }
    }

    private mutating func appendBatch(protectedAfter: UInt32) throws(StoreError) {
        let full = batch
        batch = ReappendedBatch()
        guard !full.records.isEmpty else { return }
        do throws(StoreError) {
            try append(full)
        } catch {
            guard error.code == .noSpace else { throw error }
            try evictInstead(full, protectedAfter: protectedAfter)
        }
    }

    private mutating func append(_ batch: ReappendedBatch) throws(StoreError) {
        var moved = EvictionTally()
        try parts.log.append(
            batch.byteCount, records: batch.records.count, objectBytes: batch.objectBytes, mayUseReserve: true
        ) { (file, reservation) throws(StoreError) in
            try Self.write(batch.vector(at: reservation, of: walk.identity), to: file, reservation)
            parts.dirtyFiles.note(file.path)
            parts.dirtyFiles.note(directory: parts.catalog.segments.files.segments)
            // The old place is where a loss of power leaves the blob, until the new one is on the disk. And
            // the range stays unsettled until the index has moved, so that a death in between is made good.
            try parts.dirtyFiles.sync()
            for (kept, entry) in zip(batch.records, batch.entries(at: reservation)) {
                guard parts.catalog.index.move(entry, from: kept.entry.sequence) else { continue }
                moved.reappendedBlobs += 1
                moved.reappendedBytes += kept.header.recordSize
            }
        }
        tally += moved
    }

    private static func write(
        _ vector: borrowing WriteVector, to file: File, _ reservation: LogState.Reservation
    ) throws(StoreError) {
        do throws(SystemError) {
            try file.write(vector, at: reservation.place.offset)
        } catch {
            throw .system(error, doing: "write \(file.path)")
        }
    }

    /// Lets what finds no room go, unless it is protected: then the segment has to stay.
    private mutating func evictInstead(
        _ batch: ReappendedBatch, protectedAfter: UInt32
    ) throws(StoreError) {
        for kept in batch.records {
            let index = parts.catalog.index
            switch index.remove(kept.entry.key, at: kept.entry.place, unlessUsedAfter: protectedAfter) {
            case .removed: try finishEvicting(kept.header)
            case .leadsElsewhere: continue
            case .usedSince: isBlocked = true
            }
        }
    }

    /// Takes the entries out that still lead to the segment: what they lead to was not found there.
    private func dropUnreadable() {
        var lost: [IndexEntry] = []
        parts.catalog.index.forEach { if $0.place.segment == walk.segment { lost.append($0) } }
        for entry in lost { parts.catalog.drop(entry, because: "its record has no whole header") }
    }
}
