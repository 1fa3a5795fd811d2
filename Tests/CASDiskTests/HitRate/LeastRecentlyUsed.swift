// SPDX-License-Identifier: Apache-2.0

/// Exact LRU.
struct LeastRecentlyUsed: SimulatedCache {
    private let capacity: Int
    private let sizes: [Int]
    private var used = 0
    private var isPresent: [Bool]

    /// A ring through the blobs that are there, from the one used last; the last element is its beginning and end.
    private var next: [Int]
    private var previous: [Int]
    private var end: Int { sizes.count }

    init(capacity: Int, for trace: Trace) {
        self.capacity = capacity
        sizes = trace.sizes
        isPresent = Array(repeating: false, count: sizes.count)
        next = Array(repeating: sizes.count, count: sizes.count + 1)
        previous = next
    }

    mutating func use(_ blob: Int, at _: UInt32) -> Bool {
        let isHit = isPresent[blob]
        if isHit {
            unlink(blob)
        } else {
            guard sizes[blob] <= capacity else { return false }
            used += sizes[blob]
            isPresent[blob] = true
            while used > capacity { evict() }
        }
        linkFirst(blob)
        return isHit
    }

    private mutating func evict() {
        let victim = previous[end]
        unlink(victim)
        isPresent[victim] = false
        used -= sizes[victim]
    }

    private mutating func linkFirst(_ blob: Int) {
        (previous[blob], next[blob]) = (end, next[end])
        previous[next[end]] = blob
        next[end] = blob
    }

    private mutating func unlink(_ blob: Int) {
        next[previous[blob]] = next[blob]
        previous[next[blob]] = previous[blob]
    }
}
