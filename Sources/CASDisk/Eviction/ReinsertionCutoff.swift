// SPDX-License-Identifier: Apache-2.0

/// Decides how recently a blob must have been used to be appended again: adapts to the age of the queue and to
/// how much of it is kept. A plain value without I/O.
///
/// What was used in the younger half of the time since the oldest segment began stays. When nearly everything
/// does, the cutoff comes closer to now, and goes back when enough is evicted.
struct ReinsertionCutoff {
    /// Where between the age of the queue and now the cutoff lies when nothing presses.
    private static let usualShare = 0.5

    /// From which kept share on the cutoff tightens.
    private static let tightensFrom = 0.9

    private var share = usualShare

    /// The last use up to which a blob goes.
    ///
    /// - Parameter oldest: when the first record of the victim segment was appended.
    mutating func cutoff(now: UInt32, oldest: UInt32) -> UInt32 {
        let age = now > oldest ? now - oldest : 0
        return oldest + UInt32(Double(age) * share)
    }

    /// Learns what a segment held: how many bytes were used after the cutoff, and how many could go.
    mutating func note(keptBytes: Int, evictedBytes: Int) {
        guard keptBytes + evictedBytes > 0 else { return }
        let kept = Double(keptBytes) / Double(keptBytes + evictedBytes)
        share += kept >= Self.tightensFrom ? (1 - share) / 4 : (Self.usualShare - share) / 4
    }
}
