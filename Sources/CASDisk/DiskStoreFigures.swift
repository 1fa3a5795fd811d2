// SPDX-License-Identifier: Apache-2.0

/// What a disk store holds, at one moment.
public struct DiskStoreFigures: Sendable, Equatable {
    /// How many blobs there are.
    public let blobs: Int

    /// How many bytes of disk are in use: segments, large blobs, uploads, index and SQLite's files.
    public let usedBytes: Int

    /// How many of these are of the index, which is mapped into memory.
    public let indexBytes: Int

    /// How many entries were dropped since the opening because the bytes they lead to were wrong.
    public let damagedEntries: Int
}
