// SPDX-License-Identifier: Apache-2.0

/// How much work the suites do. At scale 1 each takes a second or more, so that the 10 ms in which the kernel counts
/// CPU time do not matter.
struct BenchPlan: Sendable {
    /// What sizes and counts are multiplied by.
    var scale = 1.0

    /// How many calls are under way at once; nil for what suits each suite.
    var parallel: Int?

    var streams: Int { parallel ?? 1 }
    var callsAtOnce: Int { parallel ?? 4 }

    var streamSize: Int { scaled(1 << 30) }
    var unaryCalls: Int { scaled(40_000) }
    var updatedBlobs: Int { scaled(1 << 16) }
    var readBlobs: Int { scaled(1 << 18) }
    var findMissingCalls: Int { scaled(8_000) }
    var concurrentSize: Int { scaled(256 << 20) }

    private func scaled(_ number: Int) -> Int {
        max(1, Int(Double(number) * scale))
    }
}
