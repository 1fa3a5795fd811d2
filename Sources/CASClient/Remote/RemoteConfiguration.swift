// SPDX-License-Identifier: Apache-2.0

/// How a client treats a server: how long it waits, how often it tries, and how much it asks for at once.
public struct RemoteConfiguration: Sendable {
    /// How long connecting may take, all attempts together.
    public var connectTimeout = Duration.seconds(10)

    /// How long a call may take besides the time for its bytes.
    public var callTimeout = Duration.seconds(60)

    /// The slowest transfer that is waited for, in bytes per second: what a call moves adds to its time limit.
    public var slowestTransfer = 64 << 10

    /// How often, and how fast, a call is tried again that found the server unavailable.
    public var retries = RetryPolicy()

    /// How many digests a FindMissingBlobs names: some 1.2 MiB, well below the 4 MiB that every server takes.
    public var digestsPerQuestion = 16_384

    /// The most bytes of one batch where the server allows more or does not say: 4 MiB with room for the rest of the message.
    public var batchSizeAtMost = (4 << 20) - (64 << 10)

    /// Blobs longer than this go by ByteStream even if they would fit a batch, in bytes.
    public var longestBatchedBlob = 1 << 20

    /// How many transfers are under way at once.
    public var transfersAtOnce = 4

    /// The most files, directories and symlinks in a tree that is fetched; a few directories can spell out
    /// more than any disk holds.
    public var entriesAtMost = 20_000_000

    /// The longest encoded directory that is fetched, in bytes.
    public var longestDirectory = 256 << 20

    /// A configuration with the defaults above.
    public init() {}
}
