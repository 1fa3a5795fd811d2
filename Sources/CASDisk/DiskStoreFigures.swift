// SPDX-License-Identifier: Apache-2.0

/// What a disk store holds, at one moment, and what eviction did since it was opened.
public struct DiskStoreFigures: Sendable, Equatable {
    /// How many blobs there are.
    public let blobs: Int

    /// How many bytes of disk are in use: segments, large blobs, uploads, index and SQLite's files.
    public let usedBytes: Int

    /// How many of these are of the index, which is mapped into memory.
    public let indexBytes: Int

    /// How many entries were dropped since the opening because the bytes they lead to were wrong.
    public let damagedEntries: Int

    /// How many segments there are.
    public let segments: Int

    /// How long ago the oldest segment was begun: about how long a blob stays that nobody uses.
    public let oldestSegmentAge: Duration

    /// How many blobs were evicted since the opening.
    public let evictedBlobs: Int

    /// How many bytes of content these had.
    public let evictedBytes: Int

    /// How often a blob was kept when its segment went, by appending its record again.
    public let reappendedBlobs: Int

    /// How many bytes were written for it.
    public let reappendedBytes: Int
}

extension DiskStoreFigures {
    init(
        blobs: Int, usedBytes: Int, indexBytes: Int, damagedEntries: Int, segments: Int,
        oldestSegmentAge: Duration, evicted: EvictionTally
    ) {
        self.init(
            blobs: blobs, usedBytes: usedBytes, indexBytes: indexBytes, damagedEntries: damagedEntries,
            segments: segments, oldestSegmentAge: oldestSegmentAge, evictedBlobs: evicted.evictedBlobs,
            evictedBytes: evicted.evictedBytes, reappendedBlobs: evicted.reappendedBlobs,
            reappendedBytes: evicted.reappendedBytes)
    }
}
