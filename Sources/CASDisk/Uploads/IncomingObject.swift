// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// The file of a large blob that arrives. Used by one task at a time.
final class IncomingObject {
    /// How much is allocated at once as bytes arrive.
    static let allocationStep = 8 << 20

    /// How much is gathered before it is written; it stays in the cache of the core that hashed it.
    private static let writtenAtOnce = 256 << 10

    private let size: Int
    private let objects: ObjectFiles
    private let space: SpaceLedger
    private let file: File
    private var allocated = 0
    private var written = 0
    private var pending = WriteVector()
    private var isAdopted = false

    /// Whether the file stays when nobody refers to this any more.
    var isParked = false

    private let blockChecksum = RunningChecksum()
    private var blockFill = 0
    private var checksums: [UInt64] = []

    /// A file for a blob of `size` bytes; nothing is allocated before bytes arrive.
    init(size: Int, objects: ObjectFiles, space: SpaceLedger) throws(StoreError) {
        self.size = size
        self.objects = objects
        self.space = space
        file = try objects.createUpload()
    }

    /// One over a file of an upload that was parked; ``recall(_:_:)`` comes next.
    init(reopening file: File, size: Int, occupied: Int, objects: ObjectFiles, space: SpaceLedger) {
        self.size = size
        self.objects = objects
        self.space = space
        self.file = file
        allocated = occupied
    }

    deinit {
        guard !isAdopted, !isParked else { return }
        objects.removeUpload(file.path, occupying: occupied)
    }

    /// What the file occupies.
    var occupied: Int { SpaceLedger.blocks(allocated) }

    /// Where the file is.
    var path: String { file.path }

    /// Takes the next bytes into memory; ``flushIfDue()`` writes them.
    func take(_ slice: Bytes) {
        slice.withUnsafeBytes { updateChecksums($0) }
        pending.append(slice)
    }

    /// Writes what is in memory only when it is enough for a write. After a failure for want of room nothing
    /// is lost.
    func flushIfDue() throws(StoreError) {
        guard pending.count >= Self.writtenAtOnce || pending.parts.count >= WriteVector.mostPartsOfACall
        else { return }
        try flush()
    }

    /// Writes what is in memory only.
    func flush() throws(StoreError) {
        guard pending.count > 0 else { return }
        try allocate(upTo: written + pending.count)
        do throws(SystemError) {
            try file.write(pending, at: written)
        } catch {
            throw .system(error, doing: "write \(file.path)")
        }
        written += pending.count
        pending.removeAll()
    }

    /// Writes what is in memory only, and gives back room that no byte needs yet.
    func rest() throws(StoreError) {
        try flush()
        let kept = SpaceLedger.blocks(written)
        // If it fails, the surplus stays allocated and counted.
        guard kept < occupied, (try? file.truncate(to: written)) != nil else { return }
        space.give(occupied - kept, from: .uploads)
        allocated = written
    }

    /// How many bytes the file has, once this rests.
    var receivedBytes: Int { written }

    /// The checksum of each block, and of the part of one at the end.
    var checksumsSoFar: [UInt64] { blockFill > 0 ? checksums + [blockChecksum.value] : checksums }

    /// Reads back the bytes that `description` says the file has, checks them, and shows them to `visit`.
    ///
    /// - Throws: ``StoreError/Code/failed`` when they cannot be read or are not what was written.
    func recall(
        _ description: UploadDescription, _ visit: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(BlobCatalog.blockSize, description.receivedBytes), alignment: 4096)
        defer { room.deallocate() }
        for checksum in description.checksums {
            let count = min(room.count, description.receivedBytes - written)
            let block = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
            let found = try file.orStoreError("read \(file.path)") { () throws(SystemError) in
                try file.read(into: block, at: written)
            }
            guard found == count, Checksum.of(UnsafeRawBufferPointer(block)) == checksum else {
                throw StoreError(.failed, "The bytes kept in \(file.path) are not what was written.")
            }
            updateChecksums(UnsafeRawBufferPointer(block))
            visit(UnsafeRawBufferPointer(block))
            written += count
        }
    }

    /// Makes the file, which has all bytes, the blob `digest`; may be tried again when there was no room.
    func finish(as digest: Digest, to appender: BlobAppender) throws(StoreError) {
        try flush()
        if blockFill > 0 { endBlock() }
        let checksums = checksums.withUnsafeBytes { Bytes(copying: $0) }
        try appender.append(digest, blockChecksums: checksums) { (name) throws(StoreError) in
            try objects.adopt(file.path, occupying: occupied, as: name)
            isAdopted = true
        }
    }

    private func allocate(upTo end: Int) throws(StoreError) {
        guard end > allocated else { return }
        let step = max(end, min(allocated + Self.allocationStep, size))
        do throws(StoreError) {
            try allocate(exactlyUpTo: step)
        } catch {
            // Without room for a step, what is needed may still fit.
            try allocate(exactlyUpTo: end)
        }
    }

    private func allocate(exactlyUpTo end: Int) throws(StoreError) {
        let growth = SpaceLedger.blocks(end) - occupied
        try space.take(growth, for: .uploads)
        do throws(SystemError) {
            try file.allocate(from: allocated, count: end - allocated)
        } catch {
            // A full disk may have given a part of it.
            try? file.truncate(to: allocated)
            space.give(growth, from: .uploads)
            throw .system(error, doing: "make room in \(file.path)")
        }
        allocated = end
    }

    private func updateChecksums(_ memory: UnsafeRawBufferPointer) {
        var rest = memory[...]
        while !rest.isEmpty {
            let part = rest.prefix(BlobCatalog.blockSize - blockFill)
            blockChecksum.update(UnsafeRawBufferPointer(rebasing: part))
            blockFill += part.count
            rest = rest.dropFirst(part.count)
            if blockFill == BlobCatalog.blockSize { endBlock() }
        }
    }

    private func endBlock() {
        checksums.append(blockChecksum.value)
        blockChecksum.reset()
        blockFill = 0
    }
}
