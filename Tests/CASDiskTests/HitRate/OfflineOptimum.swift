// SPDX-License-Identifier: Apache-2.0

/// Belady's MIN: what is used again latest goes first, and is not kept at all if it is the blob that comes.
///
/// For blobs of one size no cache can do better. For others the optimum is too hard to compute, and this is
/// what is usual in its place: a bound that a cache may pass, though none does that knows no future.
struct OfflineOptimum: SimulatedCache {
    private let capacity: Int
    private let sizes: [Int]

    /// For each use, when its blob is used again, counted in uses.
    private let nextUses: [Int]
    private var position = 0
    private var used = 0

    /// When each blob that is there is used again; nil for one that is not.
    private var nextUse: [Int?]

    /// A heap, latest first, of what was expected at some time.
    private var heap: [(nextUse: Int, blob: Int)] = []

    init(capacity: Int, for trace: Trace) {
        self.capacity = capacity
        sizes = trace.sizes
        nextUse = Array(repeating: nil, count: sizes.count)
        var nextUses = Array(repeating: Int.max, count: trace.accesses.count)
        var seen = Array(repeating: Int.max, count: sizes.count)
        for position in nextUses.indices.reversed() {
            let blob = trace.accesses[position].blob
            nextUses[position] = seen[blob]
            seen[blob] = position
        }
        self.nextUses = nextUses
    }

    mutating func use(_ blob: Int, at _: UInt32) -> Bool {
        let next = nextUses[position]
        position += 1
        let isHit = nextUse[blob] != nil
        if !isHit { used += sizes[blob] }
        nextUse[blob] = next
        push(next, blob)
        while used > capacity { evict() }
        return isHit
    }

    private mutating func evict() {
        let (expected, blob) = pop()
        // What was used since has a later place in the heap.
        guard nextUse[blob] == expected else { return }
        nextUse[blob] = nil
        used -= sizes[blob]
    }

    private mutating func push(_ nextUse: Int, _ blob: Int) {
        heap.append((nextUse, blob))
        var child = heap.count - 1
        while child > 0, heap[(child - 1) / 2].nextUse < heap[child].nextUse {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> (nextUse: Int, blob: Int) {
        heap.swapAt(0, heap.count - 1)
        let top = heap.removeLast()
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1].nextUse > heap[child].nextUse { child += 1 }
            guard heap[child].nextUse > heap[parent].nextUse else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return top
    }
}
