// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import CASDisk

/// A clock that stands still until a test turns it.
final class TurnedClock: Sendable {
    private static let wallStart: UInt32 = 1_700_000_000

    private let start = ContinuousClock.now
    private let turned = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { turned.withLock { start + $0 } }

    /// The same time as clocks on walls show it.
    var wall: WallClock {
        WallClock { [self] in
            turned.withLock { UInt32(truncatingIfNeeded: Int64(Self.wallStart) + $0.components.seconds) }
        }
    }

    func turn(by duration: Duration) {
        turned.withLock { $0 += duration }
    }
}
