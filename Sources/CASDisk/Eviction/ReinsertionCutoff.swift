// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Decides which blobs of a victim, the oldest segment, are kept: those used since a cutoff are appended again, the
/// others are evicted (DESIGN.md §5).
///
/// The cutoff lies a share of the queue's age back. What is kept besides what was not used for the whole length of the
/// queue would only be kept again: the share is below 1. As long as kept bytes are fewer than evicted ones it is
/// ``greatestShare``; where more is kept the share falls until both are balanced, so that in the long run no more is
/// appended again than is inserted. `HitRateTests` hold the hit rate within 2 points of exact LRU.
struct ReinsertionCutoff: Sendable {
    /// Simulated: from 0.7 on the hit rate on Zipf's law is above that of exact LRU. Up to 0.95 every trace gains; then
    /// what is in one segment is too young to be told apart, and blobs that nobody used are kept.
    private static let greatestShare = 0.9

    /// How many victims kept whole bring the share down to a third.
    ///
    /// Few, and a passing flood of uses costs hits; many, and a large part of the store is written again before anything
    /// is evicted after all of it was used at once.
    private static let patience = 6.0

    /// By how many victims more was kept than evicted, since it was last even; not below 0.
    private var excess = 0.0

    /// The last use from which on a blob of the victim is kept, in seconds, as are `now` and `oldest`: the time
    /// when the victim got its first record.
    ///
    /// A blob that was used last when the victim began is never kept, so a victim that was filled within the current
    /// second goes as a whole, and the queue always moves.
    mutating func cutoff(now: UInt32, oldest: UInt32) -> UInt32 {
        // A clock that was set back makes the queue seem young: then it is plain FIFO until the clock has caught up.
        let age = now > oldest ? now - oldest : 0
        let keptSeconds = UInt32((share * Double(age)).rounded())
        let (cutoff, isPastTheEnd) = (now - keptSeconds).addingReportingOverflow(1)
        return isPastTheEnd ? now : cutoff
    }

    /// Learns what became of a victim: the sizes of the blobs that were kept, and of those that were evicted.
    ///
    /// Large blobs count in full, although only their records are written again: what is to be freed is their space.
    mutating func note(keptBytes: Int, evictedBytes: Int) {
        guard keptBytes + evictedBytes > 0 else { return }
        let difference = Double(keptBytes) - Double(evictedBytes)
        excess = max(0, excess + difference / (Double(keptBytes) + Double(evictedBytes)))
    }

    private var share: Double {
        let impatience = excess / Self.patience
        return Self.greatestShare * exp(-impatience * impatience * impatience)
    }
}
