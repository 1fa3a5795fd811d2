// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// The verification of a large blob, a block at a time: each against its checksum, all of them against the digest.
struct ObjectVerification {
    let entry: IndexEntry

    /// The file.
    var name: ObjectName { content.name }

    private let content: ObjectContent
    /// Nil for a function that content cannot be hashed with; its checksums are all that speaks for it.
    private let hasher: ContentHasher?
    private var nextBlock = 0

    /// A verification of the object that the record of `entry` names.
    init(of entry: IndexEntry, in catalog: BlobCatalog) throws(ReadFailure) {
        self.entry = entry
        content = try ObjectContent(of: entry, in: catalog)
        // What is not offered throws, and nothing else does.
        hasher = try? ContentHasher(entry.function)
    }

    /// Verifies one more block and returns how long it is; nil when all were verified, and the digest is right.
    mutating func verifyNextBlock() throws(ReadFailure) -> Int? {
        guard nextBlock < ObjectContent.blocks(of: content.size) else {
            if let hasher { try RecordVerifier.compare(hasher.finish(), with: entry.key) }
            return nil
        }
        let block = try content.block(nextBlock)
        hasher?.update(block)
        nextBlock += 1
        return block.count
    }
}
