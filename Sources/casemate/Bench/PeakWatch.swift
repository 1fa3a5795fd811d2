// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The largest of the numbers it is told.
final class PeakWatch: Sendable {
    private let largest = Mutex(0)

    var peak: Int { largest.withLock { $0 } }

    func note(_ number: Int) {
        largest.withLock { $0 = max($0, number) }
    }
}
