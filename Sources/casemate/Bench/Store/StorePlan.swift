// SPDX-License-Identifier: Apache-2.0

/// How much work the suites of `--store` do.
struct StorePlan: Sendable {
    /// What counts are multiplied by.
    var scale = 1.0

    /// Whether stores are also opened with nothing of them in memory, for which the system forgets all that it
    /// has of any file.
    var emptiesCaches = false

    /// How many blobs are put into each store.
    var blobs: Int { scaled(100_000) }

    /// How many blobs are in a store that evicts; not so few that index and database are most of it.
    var evictedFrom: Int { max(8192, blobs) }

    /// How many blobs the stores have that are opened.
    var openedBlobs: [Int] { [scaled(1_000_000), scaled(10_000_000)] }

    /// How many references wait for the disk at once.
    var waitingUpdates: [Int] { [1, 16, 256] }

    /// How many references are updated in all by so many at once; several by each.
    func updates(waiting: Int) -> Int { max(scaled(1000), scaled(8) * waiting) }

    private func scaled(_ number: Int) -> Int { max(1, Int(Double(number) * scale)) }
}
