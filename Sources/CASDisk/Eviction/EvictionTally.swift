// SPDX-License-Identifier: Apache-2.0

/// What eviction did: sums that only grow.
struct EvictionTally: Sendable, Equatable {
    var segments = 0
    var evictedBlobs = 0
    var evictedBytes = 0
    var reappendedBlobs = 0
    var reappendedBytes = 0

    static func += (sum: inout EvictionTally, more: EvictionTally) {
        sum.segments += more.segments
        sum.evictedBlobs += more.evictedBlobs
        sum.evictedBytes += more.evictedBytes
        sum.reappendedBlobs += more.reappendedBlobs
        sum.reappendedBytes += more.reappendedBytes
    }
}
