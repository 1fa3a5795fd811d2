// SPDX-License-Identifier: Apache-2.0

/// How much of unfinished uploads is kept for an opening that may never come (PROTOCOL.md W14).
public struct UploadLimits: Sendable {
    /// How many parked uploads are kept.
    public var parkedAtMost = 1_000

    /// How many bytes all parked uploads have together.
    public var parkedBytesAtMost = 4 << 30

    /// How long a parked upload is kept.
    public var keptFor = Duration.seconds(3600)

    /// The limits by default.
    public init() {}
}
