// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// What a push found and did.
public struct PushSummary: Sendable, Equatable {
    /// The root directory of the tree.
    public var root: Digest

    /// How many files the tree has.
    public var files: Int

    /// How many bytes they have together.
    public var bytes: Int

    /// How many files and directories the server did not have and got.
    public var uploadedBlobs: Int

    /// How many bytes those have together.
    public var uploadedBytes: Int
}
