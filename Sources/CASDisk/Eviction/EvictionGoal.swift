// SPDX-License-Identifier: Apache-2.0

/// The marks between which eviction keeps the used and the free space, in bytes: a plain value without I/O.
struct EvictionGoal: Sendable {
    /// Why a pass is run, besides the marks.
    struct Demand: Sendable, Equatable {
        /// How many bytes a request was refused, as they would have passed the limit.
        var refused = 0

        /// Whether the file system had no room for what the limit allows.
        var isDiskFull = false
    }

    /// What a pass tries to reach.
    struct Target: Sendable, Equatable {
        var usedAtMost: Int?
        var freeAtLeast: Int?

        func isReached(used: Int, free: Int?) -> Bool {
            if let usedAtMost, used > usedAtMost { return false }
            if let freeAtLeast, let free, free < freeAtLeast { return false }
            return true
        }
    }

    /// How much a pass frees at least when the disk is full: enough for a few steps of allocation, and not more
    /// than a small part of the store.
    static let freedOnFullDisk = 32 << 20
    static let freedOnFullDiskShare = 1.0 / 8

    /// The part of the maximum size that requests leave to eviction: a segment at most, so that what a victim
    /// keeps finds room before the victim goes.
    static let largestReserveShare = 1.0 / 32

    /// What requests may use together.
    let limit: Int?

    /// What only eviction may use, above ``limit``.
    let reserve: Int

    let highMark: Int?
    let minimumFree: Int?

    /// With less free than this, eviction begins.
    let freeMark: Int?

    private let lowMark: Int?
    private let freeTarget: Int?

    init(_ limits: EvictionLimits, maximumSize: Int?, segmentSize: Int) {
        let reserve = maximumSize.map { min(segmentSize, Int(Double($0) * Self.largestReserveShare)) } ?? 0
        self.reserve = reserve
        limit = maximumSize.map { $0 - reserve }
        highMark = maximumSize.map { Int(Double($0) * limits.highWater) }
        lowMark = maximumSize.map { Int(Double($0) * limits.lowWater) }
        minimumFree = limits.minimumFree
        let target = limits.minimumFree.map { limits.freeTarget ?? $0 + segmentSize }
        freeTarget = target
        freeMark = limits.minimumFree.flatMap { minimum in target.map { minimum + ($0 - minimum) / 4 } }
    }

    /// Whether a blob of `size` bytes could ever be stored.
    func hasRoomEver(for size: Int) -> Bool { size <= limit ?? .max }

    /// What a pass has to reach, or nil if there is no reason for one.
    func target(used: Int, free: Int?, _ demand: Demand) -> Target? {
        var target = Target()
        if let limit, let highMark, let lowMark, used > min(highMark, limit - demand.refused) {
            target.usedAtMost = max(0, min(lowMark, limit - demand.refused))
        }
        if let freeMark, let minimumFree, let freeTarget, let free, free - demand.refused < freeMark {
            target.freeAtLeast = max(freeTarget, minimumFree + demand.refused)
        }
        if demand.isDiskFull {
            let freed = min(Self.freedOnFullDisk, Int(Double(used) * Self.freedOnFullDiskShare))
            target.usedAtMost = min(target.usedAtMost ?? .max, used - freed)
        }
        return target == Target() ? nil : target
    }
}
