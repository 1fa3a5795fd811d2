// SPDX-License-Identifier: Apache-2.0

/// One line of a tree's listing.
public struct TreeEntry: Sendable, Equatable {
    /// What it is.
    public enum Kind: Sendable, Equatable {
        /// A regular file of `size` bytes.
        case file(size: Int, isExecutable: Bool)
        /// A directory; what is in it comes after it.
        case directory
        /// A symlink.
        case symlink(target: String)
    }

    /// The path relative to the root of the tree.
    public var path: String

    /// What it is.
    public var kind: Kind
}
