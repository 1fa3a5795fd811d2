// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASStore

/// The file of a large blob, read block by block, each checked.
struct ObjectContent {
    /// The size of the blob.
    let size: Int

    let entry: IndexEntry

    private let catalog: BlobCatalog
    private let file: File
    private let checksums: Bytes

    /// The object that the record of `entry` names.
    init(of entry: IndexEntry, in catalog: BlobCatalog) throws(ReadFailure) {
        let (header, payload) = try catalog.record(of: entry)
        checksums = payload[RecordHeader.hashSize(header.function)..<payload.count]
        size = header.storedSize
        self.entry = entry
        self.catalog = catalog
        guard checksums.count == ObjectContent.blocks(of: size) * 8 else {
            throw .damaged("its record does not have a checksum for each block")
        }
        do {
            file = try catalog.objects.open(header.objectName)
        } catch {
            guard error == .notThere else { throw .failed(.system(error, doing: "open an object")) }
            throw .damaged("its file is gone")
        }
    }

    /// How many blocks a file of `size` bytes has.
    static func blocks(of size: Int) -> Int {
        (size + BlobCatalog.blockSize - 1) / BlobCatalog.blockSize
    }

    /// The block of the given number.
    func block(_ number: Int) throws(ReadFailure) -> Bytes {
        try catalog.pooledBlock { (room) throws(ReadFailure) in
            let count = length(of: number)
            try fill(UnsafeMutableRawBufferPointer(rebasing: room[..<count]), withBlock: number)
            return count
        }
    }

    /// Reads all blocks.
    ///
    /// - Throws: when one is not what was written.
    func check() throws(ReadFailure) {
        for number in 0..<Self.blocks(of: size) { _ = try block(number) }
    }

    /// All blocks in one piece of memory.
    func readWhole() throws(ReadFailure) -> Bytes {
        try Bytes(capacity: size) { (room) throws(ReadFailure) in
            for number in 0..<Self.blocks(of: size) {
                let start = number * BlobCatalog.blockSize
                let part = UnsafeMutableRawBufferPointer(rebasing: room[start..<(start + length(of: number))])
                try fill(part, withBlock: number)
            }
            return size
        }
    }

    private func length(of block: Int) -> Int {
        min(BlobCatalog.blockSize, size - block * BlobCatalog.blockSize)
    }

    private func fill(_ room: UnsafeMutableRawBufferPointer, withBlock number: Int) throws(ReadFailure) {
        let count = try BlobCatalog.read(file, into: room, at: number * BlobCatalog.blockSize)
        guard count == room.count else { throw .damaged("its file is too short") }
        let expected = checksums.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: number * 8, as: UInt64.self)
        }
        guard Checksum.of(UnsafeRawBufferPointer(room)) == expected else {
            throw .damaged("block \(number) of its file does not have the checksum it was written with")
        }
    }
}
