// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// The digests that trees reach, of the trees that were asked about last.
struct RememberedTrees {
    private struct Memory {
        let digests: [Digest]
        var lastUse: Int
    }

    private let limits: TreeLimits
    private var memories: [Digest: Memory] = [:]
    private var uses = 0
    private(set) var digestCount = 0

    init(_ limits: TreeLimits) {
        self.limits = limits
    }

    var treeCount: Int { memories.count }

    /// What `root` reaches, if it is remembered.
    mutating func reached(from root: Digest) -> [Digest]? {
        uses += 1
        memories[root]?.lastUse = uses
        return memories[root]?.digests
    }

    /// Remembers what `root` reaches, in place of what was used longest ago.
    mutating func remember(_ reached: ReachedDigests, from root: Digest) {
        guard let digests = reached.digests, memories[root] == nil else { return }
        uses += 1
        memories[root] = Memory(digests: digests, lastUse: uses)
        digestCount += digests.count
        while memories.count > limits.rememberedTrees || digestCount > limits.rememberedDigests {
            forgetOldest()
        }
    }

    private mutating func forgetOldest() {
        guard let oldest = memories.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        digestCount -= oldest.value.digests.count
        memories[oldest.key] = nil
    }
}

/// The digests that a walk comes to, as long as they are few enough to be remembered.
struct ReachedDigests {
    /// All of them, or nil if they were too many.
    private(set) var digests: [Digest]? = []
    private let bound: Int

    init(upTo bound: Int) {
        self.bound = bound
    }

    mutating func add(_ more: [Digest]) {
        guard let count = digests?.count else { return }
        guard count + more.count <= bound else { return digests = nil }
        digests?.append(contentsOf: more)
    }
}
