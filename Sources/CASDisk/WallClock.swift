// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The time of day, as last uses are noted in: to the second, as cheap as a memory access.
struct WallClock: Sendable {
    /// Seconds since 1970, which 32 bits hold until 2106.
    let now: @Sendable () -> UInt32

    /// The clock of the machine.
    static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return UInt32(truncatingIfNeeded: time.tv_sec)
    }
}
