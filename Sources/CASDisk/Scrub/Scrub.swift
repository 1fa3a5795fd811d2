// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// Verifies what a running store holds, slowly and again and again, so that damage is found while whoever has the
/// content can still push it.
final class Scrub: Sendable {
    /// How often some is verified: short enough that a disk is not kept from requests for long.
    private static let interval = Duration.milliseconds(250)

    private let round: Mutex<ScrubRound>
    private let counted = Mutex(ScrubFigures())
    private let thread = Mutex<BackgroundThread?>(nil)
    private let bytesPerInterval: Int
    private let clock: WallClock

    /// A scrub that has not begun, of what `catalog` finds.
    init(_ catalog: BlobCatalog, _ state: StoreState, bytesPerSecond: Int, clock: WallClock) {
        round = Mutex(ScrubRound(catalog, state))
        bytesPerInterval = max(1, Int(Double(bytesPerSecond) * (Self.interval / .seconds(1))))
        self.clock = clock
    }

    var figures: ScrubFigures { counted.withLock { $0 } }

    /// Lets a thread do it.
    func start() {
        // What one step reads more than its share is made up for by the next.
        let budget = Mutex(0)
        thread.withLock {
            $0 = BackgroundThread("casemate-scrub", every: Self.interval) { [self] in
                budget.withLock { budget in
                    budget += bytesPerInterval
                    // A round that has just ended waits for the next interval: a store may be empty.
                    while budget > 0, let bytes = step() { budget -= bytes }
                    budget = min(budget, 0)
                }
            }
        }
    }

    /// Returns when the thread has ended, which it does after the block that it is at.
    func stop() {
        thread.withLock { $0.take() }?.stop()
    }

    /// Verifies a block; returns how many bytes were read, nil at the end of a round.
    @discardableResult
    func step() -> Int? {
        let outcome = round.withLock { $0.step() }
        counted.withLock { figures in
            figures.bytesVerified += outcome.bytes ?? 0
            figures.damagedBlobs += outcome.damaged
            if outcome.bytes == nil {
                figures.rounds += 1
                figures.lastRoundEnded = clock.now()
            }
        }
        return outcome.bytes
    }
}
