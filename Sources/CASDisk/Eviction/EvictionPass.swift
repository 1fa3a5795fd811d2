// SPDX-License-Identifier: Apache-2.0

/// Decides what a pass of eviction does next, segment by segment: a plain value without I/O.
///
/// A pass goes over the segments from the oldest on. In the first round the recency of blobs decides; a round
/// that did not free enough is followed by a stricter one, so that something goes as long as anything may. A
/// segment that would have to be copied nearly whole is left where it is.
struct EvictionPass {
    /// What to do next.
    enum Action: Equatable {
        /// Let of this segment go what may.
        case evict(from: UInt32)
        /// Let the log go on in another segment: the current one is next.
        case seal
        /// Enough is free.
        case finish
        /// Too little is free, and nothing more may go.
        case giveUp
    }

    /// How strict it is.
    enum Round: Int, CaseIterable {
        /// Keeps what was used after the cutoff that adapts.
        case adaptive
        /// Keeps what was used in the younger half of the time since that.
        case strict
        /// Keeps what is protected by its age only.
        case all
        /// Also takes what seems to be used in the future, as the clock was set back.
        case untimed
    }

    /// Up to which last use a blob may go, whatever else; later ones are protected.
    enum Protection: Equatable {
        case none
        case usedAfter(UInt32)

        /// The protection of blobs that were used within `minimumAge`. Last uses are whole seconds, rounded
        /// down.
        init(minimumAge: Duration, now: UInt32) {
            let (seconds, rest) = minimumAge.components
            guard seconds > 0 || rest > 0 else {
                self = .none
                return
            }
            self = .usedAfter(UInt32(clamping: Int64(now) - seconds - (rest > 0 ? 2 : 1)))
        }
    }

    private(set) var round = Round.adaptive
    private var waiting: [UInt32]

    /// A pass over `segments`, oldest first.
    init(over segments: [UInt32]) {
        waiting = segments
    }

    /// What to do, given whether the goal is reached, all segments there are, the first of them that is still
    /// written to, and whether the log can be made to leave that one.
    mutating func next(
        isReached: Bool, segments: [UInt32], firstInUse: UInt32, canSeal: Bool
    ) -> Action {
        guard !isReached else { return .finish }
        while true {
            while let segment = waiting.first {
                if segment < firstInUse {
                    waiting.removeFirst()
                    return .evict(from: segment)
                }
                if segment == firstInUse, canSeal { return .seal }
                waiting.removeFirst()  // Somebody still writes to it.
            }
            guard let next = Round(rawValue: round.rawValue + 1) else { return .giveUp }
            round = next
            waiting = segments
        }
    }

    /// The last use up to which blobs go in this round, where `adaptive` is what the recency says.
    func cutoff(adaptive: UInt32, now: UInt32, _ protection: Protection) -> UInt32 {
        let wanted =
            switch round {
            case .adaptive: adaptive
            case .strict: adaptive + (now > adaptive ? (now - adaptive) / 2 : 0)
            case .all: now
            case .untimed: UInt32.max
            }
        return Self.bound(wanted, by: protection)
    }

    /// The last use up to which blobs may go when there is no room to keep them.
    static func bound(_ cutoff: UInt32, by protection: Protection) -> UInt32 {
        switch protection {
        case .none: cutoff
        case .usedAfter(let time): min(cutoff, time)
        }
    }

    /// Whether it is worth copying what is kept of a segment to get rid of the rest.
    func isWorthwhile(_ plan: VictimPlan) -> Bool {
        let share =
            switch round {
            case .adaptive, .strict: 16
            case .all, .untimed: 256
            }
        return plan.gain >= max(SpaceLedger.blocks(1), plan.fileSize / share)
    }
}
