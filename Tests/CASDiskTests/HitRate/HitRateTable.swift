// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The hit rates of all policies as a table in Markdown.
struct HitRateTable {
    private(set) var lines = [
        "| trace | cache | LRU | Casemate | FIFO | CLOCK | offline optimum | written again |",
        "|---|---|---|---|---|---|---|---|",
    ]

    /// Adds the line of a trace in a cache of a share of its footprint.
    mutating func add(_ trace: Trace, share: Double) {
        let capacity = Int(Double(trace.footprint) * share)
        let (ours, cache) = HitRate.of(trace, in: SegmentedQueue.self, capacity: capacity)
        let rates = [
            HitRate.of(trace, in: LeastRecentlyUsed.self, capacity: capacity).rate, ours,
            HitRate.of(trace, in: FirstInFirstOut.self, capacity: capacity).rate,
            HitRate.of(trace, in: SecondChance.self, capacity: capacity).rate,
            HitRate.of(trace, in: OfflineOptimum.self, capacity: capacity).rate,
        ]
        let hasOneSize = Set(trace.sizes).count == 1
        let cells =
            [trace.name, String(format: "%.0f %%", 100 * share)]
            + rates.map { hasOneSize ? Self.percent($0.objects) : Self.both($0) }
            + [String(format: "%.2f", cache.rewrittenPerWritten)]
        lines.append("| " + cells.joined(separator: " | ") + " |")
    }

    private static func percent(_ rate: Double) -> String { String(format: "%.1f", rate) }

    /// Of blobs and of bytes.
    private static func both(_ rate: HitRate) -> String {
        "\(percent(rate.objects)) / \(percent(rate.bytes))"
    }
}
