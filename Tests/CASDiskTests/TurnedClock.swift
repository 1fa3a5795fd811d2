// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock that stands still until a test turns it.
final class TurnedClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func turn(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}
