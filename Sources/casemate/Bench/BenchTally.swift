// SPDX-License-Identifier: Apache-2.0

/// What was done, as counted while doing it.
struct BenchTally: Sendable {
    /// The bytes of blobs that were moved.
    var bytes = 0
    /// The calls that were made.
    var calls = 0
    /// The blobs or digests that the calls named, where that is what counts.
    var entries = 0

    static func + (left: BenchTally, right: BenchTally) -> BenchTally {
        BenchTally(
            bytes: left.bytes + right.bytes, calls: left.calls + right.calls,
            entries: left.entries + right.entries)
    }
}

/// What the cost and the speed of a suite are told by.
enum BenchUnit: Sendable {
    case bytes, calls, blobs, digests

    /// How much of `tally` it is that speed counts: MiB, or the number of things.
    func amount(_ tally: BenchTally) -> Double {
        switch self {
        case .bytes: Double(tally.bytes) / Double(1 << 20)
        case .calls: Double(tally.calls)
        case .blobs, .digests: Double(tally.entries)
        }
    }

    /// What the CPU time of one amount is multiplied by to be in the unit that ``cost`` names.
    var costFactor: Double {
        switch self {
        case .bytes: 1024
        case .calls, .blobs, .digests: 1e6
        }
    }

    /// The unit of speed.
    var speed: String {
        switch self {
        case .bytes: "MiB/s"
        case .calls: "calls/s"
        case .blobs: "blobs/s"
        case .digests: "digests/s"
        }
    }

    /// The unit of CPU time.
    var cost: String {
        switch self {
        case .bytes: "s/GiB"
        case .calls: "µs/call"
        case .blobs: "µs/blob"
        case .digests: "µs/digest"
        }
    }
}
