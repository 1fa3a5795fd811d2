// SPDX-License-Identifier: Apache-2.0

/// What the compaction of a store came to.
public struct CompactionSummary: Sendable, Equatable {
    /// How many bytes of disk were in use before.
    public internal(set) var bytesBefore = 0
    /// How many are in use now.
    public internal(set) var bytesAfter = 0
    /// How many segments were rewritten and removed.
    public internal(set) var segmentsRemoved = 0
    /// How many records were written anew for that.
    public internal(set) var recordsMoved = 0
    /// How many files of large blobs that nothing leads to were removed.
    public internal(set) var filesRemoved = 0
    /// How many blobs were found damaged on the way, and dropped.
    public internal(set) var damagedBlobs = 0
}
