// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// Stores many blobs: hashes each, and appends those that are right and new with one write.
struct StoreBatch {
    private(set) var results: [Result<Void, StoreError>]

    private let blobs: [WholeBlob]
    private let store: DiskStore

    /// What waits to be appended, with its position among the blobs.
    private var waiting: [BlobAppender.SmallBlob] = []
    private var positions: [Int] = []
    private var waitingBytes = 0

    init(_ blobs: [WholeBlob], in store: DiskStore) {
        self.blobs = blobs
        self.store = store
        results = Array(repeating: .success(()), count: blobs.count)
    }

    /// Stores all of them.
    mutating func run() {
        run(blobs.indices)
    }

    /// Tries again those for which there was no room, and will be for each by itself.
    mutating func runAgain() {
        let positions = positionsWithoutRoom
        for position in positions { results[position] = .success(()) }
        run(positions)
    }

    /// Why the first of those was refused that found no room, and might find some.
    var shortage: StoreError? {
        guard let first = positionsWithoutRoom.first, case .failure(let error) = results[first] else {
            return nil
        }
        return error
    }

    private var positionsWithoutRoom: [Int] {
        results.indices.filter { position in
            guard case .failure(let error) = results[position], error.code == .noSpace else { return false }
            return store.room.hasRoomEver(for: blobs[position].digest.size)
        }
    }

    private mutating func run(_ positions: some Sequence<Int>) {
        guard let hasher = try? ContentHasher(.sha256) else { return }  // SHA-256 is always offered.
        let now = store.catalog.clock.now()
        for position in positions {
            do throws(StoreError) {
                try take(position, hasher, now)
            } catch {
                results[position] = .failure(error)
            }
        }
        appendWaiting()
    }

    private mutating func take(_ position: Int, _ hasher: ContentHasher, _ now: UInt32) throws(StoreError) {
        let blob = blobs[position]
        try Self.check(blob, hasher)
        guard !store.catalog.touch(blob.digest, at: now) else { return }
        guard blob.digest.size < store.largeBlobSize else { return try storeLarge(blob) }
        let small = BlobAppender.SmallBlob(blob.digest, key: IndexKey(of: blob.digest), content: blob.content)
        if waiting.count == BlobAppender.recordsOfABatch
            || waitingBytes + small.recordSize > BlobAppender.bytesOfABatch
        {
            appendWaiting()
        }
        waiting.append(small)
        positions.append(position)
        waitingBytes += small.recordSize
    }

    private static func check(_ blob: WholeBlob, _ hasher: ContentHasher) throws(StoreError) {
        guard blob.content.count == blob.digest.size else {
            throw StoreError(
                .mismatch, "Expected \(blob.digest.size) bytes of content, found \(blob.content.count).")
        }
        let found: Digest
        if blob.digest.function == .sha256 {
            hasher.restart()
            hasher.update(blob.content)
            found = hasher.finish()
        } else {
            do {
                found = try Digest.of(blob.content, blob.digest.function)
            } catch {
                throw StoreError(.mismatch, error.description, cause: error)
            }
        }
        guard found == blob.digest else {
            throw StoreError(.mismatch, "Expected content with the digest \(blob.digest), found \(found).")
        }
    }

    private func storeLarge(_ blob: WholeBlob) throws(StoreError) {
        let object: IncomingObject
        do throws(StoreError) {
            object = try received(blob)
        } catch {
            store.writes.note(error)
            throw error
        }
        try object.finish(as: blob.digest, to: store.appender)
    }

    private func received(_ blob: WholeBlob) throws(StoreError) -> IncomingObject {
        let object = try IncomingObject(
            size: blob.digest.size, objects: store.catalog.objects, space: store.space)
        for slice in blob.content.slices {
            object.take(slice)
            try object.flushIfDue()
        }
        return object
    }

    private mutating func appendWaiting() {
        guard !waiting.isEmpty else { return }
        do throws(StoreError) {
            for (position, result) in zip(positions, try store.appender.append(waiting[...])) {
                results[position] = result
            }
        } catch {
            for position in positions { results[position] = .failure(error) }
        }
        waiting.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        waitingBytes = 0
    }
}
