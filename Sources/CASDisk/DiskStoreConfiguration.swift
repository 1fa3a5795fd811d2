// SPDX-License-Identifier: Apache-2.0

public import CASStore

/// What a disk store is opened with.
public struct DiskStoreConfiguration: Sendable {
    /// The directory of the store; made if it is not there.
    public var root: String

    /// How many bytes of disk the store may occupy, nil for as many as there are.
    public var maximumSize: Int?

    /// From which size on a blob is a file of its own, in bytes; from 4 KiB to 1 MiB (DESIGN.md §5).
    public var largeBlobSize = 1 << 20

    /// How many bytes the records of a segment stand for, with the large blobs they name, before the next
    /// begins.
    ///
    /// Nil takes a 64th of ``maximumSize``, or of the file system where that is not set, between 1 MiB and 1 GiB:
    /// with so many segments the hit rate of eviction was simulated (DESIGN.md §5).
    public var segmentSize: Int?

    /// When what was stored is brought to the disk.
    public var durability = Durability.reference

    /// When blobs that were not used for long make room for others.
    public var eviction = EvictionLimits()

    /// What is kept of unfinished uploads.
    public var uploads = UploadLimits()

    /// The defaults, for a store at `root`.
    public init(root: String) {
        self.root = root
    }

    /// The segment size that results.
    var effectiveSegmentSize: Int {
        segmentSize ?? maximumSize.map(Self.segmentSize(ofStore:)) ?? 1 << 30
    }

    /// The segment size for a store of up to `bytes`.
    static func segmentSize(ofStore bytes: Int) -> Int { min(max(bytes / 64, 1 << 20), 1 << 30) }

    /// The smallest maximum size of a store that works: what SQLite's files and the first tables of the index
    /// take, and a few blobs of the largest size that goes into a segment, one of them being copied.
    var smallestMaximumSize: Int { 2 << 20 + 4 * largeBlobSize }

    /// The limits in bytes that result.
    var evictionGoal: EvictionGoal {
        EvictionGoal(eviction, maximumSize: maximumSize, segmentSize: effectiveSegmentSize)
    }

    /// - Throws: ``StoreError/Code/unusable`` that says which setting is wrong.
    func check() throws(StoreError) {
        guard (4 << 10...1 << 20).contains(largeBlobSize) else {
            throw StoreError(
                .unusable, "Expected a large blob size from 4 KiB to 1 MiB, found \(largeBlobSize) bytes.")
        }
        guard effectiveSegmentSize > 0, effectiveSegmentSize <= 64 << 30 else {
            throw StoreError(
                .unusable, "Expected a segment size of up to 64 GiB, found \(effectiveSegmentSize) bytes.")
        }
        guard maximumSize ?? .max >= smallestMaximumSize else {
            throw StoreError(
                .unusable,
                "Expected a maximum size of at least \(smallestMaximumSize) bytes, which an empty store needs, found \(maximumSize ?? 0)."
            )
        }
        try eviction.check()
    }
}
