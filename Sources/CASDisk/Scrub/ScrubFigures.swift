// SPDX-License-Identifier: Apache-2.0

/// What a scrub has come to since the store was opened.
public struct ScrubFigures: Sendable, Equatable {
    /// How many bytes of segments and large blobs were read.
    public internal(set) var bytesVerified = 0

    /// How many blobs were found damaged, and dropped.
    public internal(set) var damagedBlobs = 0

    /// How many times everything was gone through.
    public internal(set) var rounds = 0

    /// When the last round ended, in seconds since 1970; nil before the first has.
    public internal(set) var lastRoundEnded: UInt32?
}
