// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// Puts blobs that are known to be right into the log and the index.
final class BlobAppender: Sendable {
    /// A blob that is right and not here yet, with what its record holds.
    struct SmallBlob {
        let digest: Digest
        let key: IndexKey
        let payload: ByteChain
        let checksum: UInt64

        init(_ digest: Digest, key: IndexKey, content: ByteChain) {
            self.digest = digest
            self.key = key
            payload = RecordHeader.payload(of: digest, content)
            checksum = Checksum.of(payload)
        }

        var recordSize: Int { RecordHeader.recordSize(payloadSize: payload.count) }
    }

    /// How many records, and about how many bytes, go to the disk in one call.
    static let recordsOfABatch = WriteVector.mostPartsOfACall / 2
    static let bytesOfABatch = 8 << 20

    private let log: SegmentLog
    private let catalog: BlobCatalog
    private let dirty: DirtyFiles

    init(log: SegmentLog, catalog: BlobCatalog, dirty: DirtyFiles) {
        self.log = log
        self.dirty = dirty
        self.catalog = catalog
    }

    /// Appends `blobs` with one write and makes them visible, each by itself: for one, there may be no room
    /// in the index.
    func append(_ blobs: ArraySlice<SmallBlob>) throws(StoreError) -> [Result<Void, StoreError>] {
        let count = blobs.reduce(0) { $0 + $1.recordSize }
        var results: [Result<Void, StoreError>] = []
        try log.append(count, records: blobs.count) { (file, reservation) throws(StoreError) in
            let batch = RecordBatch(
                blobs, at: reservation, of: catalog.segments.identity, usedAt: catalog.clock.now())
            try write(batch.vector, to: file, at: reservation.place.offset)
            results = batch.entries.map { entry in
                Result { () throws(StoreError) in _ = try catalog.index.insert(entry) }
            }
        }
        return results
    }

    /// Appends a record that names the file of an object, which `adopt` puts in its place under the name it
    /// is given.
    func append(
        _ digest: Digest, blockChecksums: Bytes, adopt: (ObjectName) throws(StoreError) -> Void
    ) throws(StoreError) {
        let payload = RecordHeader.payload(of: digest, ByteChain(blockChecksums))
        let checksum = Checksum.of(payload)
        let count = RecordHeader.recordSize(payloadSize: payload.count)
        let key = IndexKey(of: digest)
        // Before anything is done that cannot be done again once there is room.
        try catalog.index.makeRoom(for: key)
        try log.append(count, records: 1, objectBytes: digest.size) {
            (file, reservation) throws(StoreError) in
            let header = RecordHeader(
                .object, digest, key: key, sequence: reservation.firstSequence,
                payloadSize: payload.count, payloadChecksum: checksum, lastUse: catalog.clock.now(),
                objectSequence: reservation.firstSequence)
            var vector = WriteVector(capacity: 2)
            vector.append(
                Bytes(capacity: RecordHeader.byteCount) { room in
                    header.store(to: room.baseAddress!, at: reservation.place, of: catalog.segments.identity)
                    return RecordHeader.byteCount
                })
            vector.append(payload)
            // First the record: a file under `objects/` always has one that names it.
            try write(vector, to: file, at: reservation.place.offset)
            try adopt(header.objectName)
            try insert(header, at: reservation.place)
        }
    }

    /// Makes an object visible; without an entry that leads to it, its file goes at once.
    private func insert(_ header: RecordHeader, at place: Place) throws(StoreError) {
        do throws(StoreError) {
            guard try !catalog.index.insert(header.entry(at: place)) else { return }
            // Another writer of the same blob was faster: this file is one too many. If it stays, it goes with
            // the segment.
            try? catalog.objects.remove(header.objectName)
        } catch {
            try? catalog.objects.remove(header.objectName)  // The same.
            throw error
        }
    }

    /// Writes records, so that the next sync covers them: they get into the index afterwards.
    private func write(
        _ vector: borrowing WriteVector, to file: File, at offset: Int
    ) throws(StoreError) {
        do throws(SystemError) {
            try file.write(vector, at: offset)
            dirty.note(file.path)
        } catch {
            throw .system(error, doing: "write \(file.path)")
        }
    }
}
