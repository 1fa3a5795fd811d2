// SPDX-License-Identifier: Apache-2.0

/// How much the services take and give at once.
public struct ServiceLimits: Sendable {
    /// The most bytes of blobs in one batch, as announced: what a message of 4 MiB, the default limit of gRPC clients,
    /// has room for besides digests (PROTOCOL.md §4).
    public var maximumBatchSize = (4 << 20) - (64 << 10)

    /// The size of the largest blob that may be written, as announced; nil for any (PROTOCOL.md W10).
    public var maximumBlobSize: Int?

    /// How long an action result may become by what is put into it on request (PROTOCOL.md §5), with room for the
    /// lengths of what it is nested in.
    public var maximumInlinedResultSize = (4 << 20) - (4 << 10)

    /// About how many bytes of directories are sent in one message of GetTree (PROTOCOL.md T5).
    public var treeMessageSize = 1 << 20

    /// How trees are walked.
    public var trees = TreeLimits()

    /// The limits by default.
    public init() {}
}

/// How trees are walked: bounds on the memory that it takes.
public struct TreeLimits: Sendable {
    /// The longest encoded directory, or tree in one blob, that is read; a longer one counts as missing. Room for some
    /// 700,000 entries.
    public var maximumDirectorySize = 64 << 20

    /// The most directories of one tree that are walked; ten times the largest trees seen (PROTOCOL.md §9).
    public var maximumDirectories = 1_000_000

    /// How many directories are read at once.
    public var directoriesAtOnce = 1024

    /// How many bytes of directories are read at once, unless a single one is longer.
    public var bytesAtOnce = 4 << 20

    /// How many blobs the store is asked about at once.
    public var blobsAtOnce = 8192

    /// The most trees whose blobs are remembered.
    public var rememberedTrees = 1024

    /// How many digests are remembered of all these trees together; one takes 80 bytes.
    public var rememberedDigests = 256 << 10

    /// The limits by default.
    public init() {}
}
