// SPDX-License-Identifier: Apache-2.0

/// A queue of blobs in the order they came in: FIFO, or CLOCK, in which a blob that was used since it was queued
/// is queued again instead of evicted.
struct BlobQueue {
    private let capacity: Int
    private let givesSecondChance: Bool
    private let sizes: [Int]
    private var used = 0
    private var isPresent: [Bool]
    private var wasUsed: [Bool]
    private var queue: [Int] = []
    private var front = 0

    init(capacity: Int, sizes: [Int], givesSecondChance: Bool) {
        self.capacity = capacity
        self.sizes = sizes
        self.givesSecondChance = givesSecondChance
        isPresent = Array(repeating: false, count: sizes.count)
        wasUsed = isPresent
    }

    mutating func use(_ blob: Int) -> Bool {
        if isPresent[blob] {
            wasUsed[blob] = true
            return true
        }
        guard sizes[blob] <= capacity else { return false }
        used += sizes[blob]
        while used > capacity { evict() }
        isPresent[blob] = true
        queue.append(blob)
        return false
    }

    private mutating func evict() {
        let victim = queue[front]
        front += 1
        if givesSecondChance, wasUsed[victim] {
            queue.append(victim)
        } else {
            isPresent[victim] = false
            used -= sizes[victim]
        }
        wasUsed[victim] = false
    }
}

/// The blob that came first goes first.
struct FirstInFirstOut: SimulatedCache {
    private var queue: BlobQueue

    init(capacity: Int, for trace: Trace) {
        queue = BlobQueue(capacity: capacity, sizes: trace.sizes, givesSecondChance: false)
    }

    mutating func use(_ blob: Int, at _: UInt32) -> Bool { queue.use(blob) }
}

/// CLOCK.
struct SecondChance: SimulatedCache {
    private var queue: BlobQueue

    init(capacity: Int, for trace: Trace) {
        queue = BlobQueue(capacity: capacity, sizes: trace.sizes, givesSecondChance: true)
    }

    mutating func use(_ blob: Int, at _: UInt32) -> Bool { queue.use(blob) }
}
