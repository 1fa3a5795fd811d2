// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// Tells which records are live, and whether the content of a blob has the digest that it is kept under.
///
/// What the offline check and the scrub of a running store look at passes here. Nothing is noted as used.
struct RecordVerifier {
    let catalog: BlobCatalog

    private let hasher: ContentHasher

    init(_ catalog: BlobCatalog) {
        self.catalog = catalog
        // SHA-256 is always offered.
        hasher = try! ContentHasher(.sha256)
    }

    /// Whether the index leads to this record.
    func isLive(_ header: RecordHeader, at place: Place) -> Bool {
        guard let entry = catalog.index.entry(of: header.key) else { return false }
        return entry == header.entry(at: place).lastUsed(at: entry.lastUse)
    }

    /// Verifies the content of a blob that is in its record, whose payload has the right checksum.
    func verify(_ header: RecordHeader, payload: UnsafeRawBufferPointer) throws(ReadFailure) {
        let hashSize = RecordHeader.hashSize(header.function)
        guard payload.count - hashSize == header.storedSize, header.storedSize == header.size else {
            throw .damaged("its record has another size")
        }
        // Content of other functions cannot be hashed here; its checksum is all that speaks for it.
        guard header.function == .sha256 else { return }
        hasher.restart()
        hasher.update(payload)
        try Self.compare(hasher.finish(), with: header.key)
    }

    /// Verifies what `entry` leads to, the file of a large blob included, and returns how many bytes were read.
    func verify(_ entry: IndexEntry) throws(ReadFailure) -> Int {
        switch entry.kind {
        case .blob:
            let (header, payload) = try catalog.record(of: entry)
            try payload.withUnsafeBytes { (payload) throws(ReadFailure) in
                try verify(header, payload: payload)
            }
            return RecordHeader.byteCount + payload.count
        case .object:
            var object = try ObjectVerification(of: entry, in: catalog)
            var bytes = 0
            while let count = try object.verifyNextBlock() { bytes += count }
            return bytes
        }
    }

    /// - Throws: when the key of `found` is not `key`.
    static func compare(_ found: Digest, with key: IndexKey) throws(ReadFailure) {
        guard IndexKey(of: found) == key else {
            throw .damaged("its content has the SHA-256 \(found.hexadecimal)")
        }
    }
}
