// SPDX-License-Identifier: Apache-2.0

/// What a pull wrote.
public struct PullSummary: Sendable, Equatable {
    /// How many files were written.
    public var files: Int

    /// How many bytes they have together.
    public var bytes: Int

    /// How many blobs were fetched for them: files with the same content share one.
    public var fetchedBlobs: Int

    /// How many bytes those have together.
    public var fetchedBytes: Int
}
