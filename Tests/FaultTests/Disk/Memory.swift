// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Zeroed memory that does not move: what a simulated file is kept in, and what a mapping of it points at.
final class Memory: @unchecked Sendable {
    // Guarded by the lock of the disk; the store writes to what it mapped, on the thread of its caller.
    let start: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        guard let start = calloc(1, max(count, 1)) else {
            preconditionFailure("there is memory for the disk")
        }
        self.start = start
        self.count = count
    }

    deinit {
        free(start)
    }

    /// The first `used` bytes of this in other memory of `count` bytes, zeros behind them.
    func copy(_ used: Int, in count: Int) -> Memory {
        let copy = Memory(count: count)
        memcpy(copy.start, start, min(used, count))
        return copy
    }
}
