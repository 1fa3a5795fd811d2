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

    /// An entry of these parts.
    public init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

extension TreeEntry {
    /// The path with control characters and backslashes escaped, as it may stand on a terminal.
    public var printablePath: String { Printable.quoting(path) }

    /// The target of a symlink, escaped in the same way; nil for anything else.
    public var printableTarget: String? {
        guard case .symlink(let target) = kind else { return nil }
        return Printable.quoting(target)
    }
}
