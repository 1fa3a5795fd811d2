// SPDX-License-Identifier: Apache-2.0

/// A cache in which a use of a blob that is missing puts it in.
protocol SimulatedCache {
    /// An empty cache of `capacity` bytes for the blobs of `trace`.
    init(capacity: Int, for trace: Trace)

    /// Uses a blob; says whether it was there.
    mutating func use(_ blob: Int, at time: UInt32) -> Bool
}
