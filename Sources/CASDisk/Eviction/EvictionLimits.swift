// SPDX-License-Identifier: Apache-2.0

import CASStore

/// When eviction begins, when it ends, and what it must leave (DESIGN.md §5, Eviction).
public struct EvictionLimits: Sendable {
    /// The share of the maximum size above which eviction begins.
    ///
    /// 0.95 leaves three segments of a 64th for what arrives while a pass is under way, so that a request
    /// finds room without waiting for it.
    public var highWater = 0.95

    /// The share of the maximum size down to which eviction goes on.
    ///
    /// 0.90 makes a pass worth three segments: passes are few, and no more is gone than need be.
    public var lowWater = 0.90

    /// How many bytes stay free on the file system for others, nil for none; with less, a request waits for
    /// eviction as it does at the maximum size (`--head-room-min` of BuildStream's server).
    ///
    /// Eviction begins a little earlier, so that requests seldom wait.
    public var minimumFree: Int?

    /// How many bytes are free when an eviction that ``minimumFree`` began ends (`--head-room-max`).
    ///
    /// Nil takes ``minimumFree`` and a segment.
    public var freeTarget: Int?

    /// How long a blob stays at least after it was used. With zero, recency decides alone.
    public var minimumAge: Duration = .zero

    /// How often the file system is asked for its free space when ``minimumFree`` is set and nothing is
    /// written: others fill it, too.
    static let freeSpaceInterval: Duration = .seconds(10)

    /// The defaults.
    public init() {}

    /// - Throws: ``StoreError/Code/unusable`` that says which setting is wrong.
    func check() throws(StoreError) {
        guard 0 < lowWater, lowWater < highWater, highWater <= 1 else {
            throw StoreError(
                .unusable,
                "Expected a low water mark above 0 and below the high one, and that at most 1, found \(lowWater) and \(highWater)."
            )
        }
        guard minimumFree ?? 0 >= 0 else {
            throw StoreError(
                .unusable, "Expected a minimum of free space of at least 0 bytes, found \(minimumFree ?? 0).")
        }
        if let freeTarget, freeTarget < minimumFree ?? .max {
            throw StoreError(
                .unusable,
                "Expected a target of free space that is not below its minimum, found \(freeTarget) bytes and "
                    + (minimumFree.map { "\($0)." } ?? "no minimum."))
        }
        guard (.zero ... .seconds(UInt32.max)).contains(minimumAge) else {
            throw StoreError(.unusable, "Expected a minimum age of 0 to 136 years, found \(minimumAge).")
        }
    }
}
