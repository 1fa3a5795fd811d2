// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// Counts every byte of disk that the store occupies, and refuses what would pass the limit.
final class SpaceLedger: Sendable {
    /// What occupies disk.
    enum Use: Int, CaseIterable {
        case segments
        case objects
        case uploads
        case index
        /// SQLite's, which grows by itself: an estimate is taken before, and what it came to is noted.
        case records
    }

    private struct Account {
        var used = [Int](repeating: 0, count: Use.allCases.count)
        var total = 0
        /// Whether it was told that the total is above the high mark, and is still.
        var isAboveMark = false
        /// The same for what is free on the file system being below its mark.
        var isBelowFreeMark = false
    }

    private let goal: EvictionGoal
    private let freeSpace: (@Sendable () -> Int?)?
    private let account = Mutex(Account())
    private let whenShort = Mutex<(@Sendable () -> Void)?>(nil)

    /// A ledger of nothing, with the limits of `goal`; `freeSpace` says how much is free on the file system.
    init(_ goal: EvictionGoal, freeSpace: @escaping @Sendable () -> Int?) {
        self.goal = goal
        self.freeSpace = goal.minimumFree == nil ? nil : freeSpace
    }

    /// A ledger that eviction has no part in.
    convenience init(limit: Int?) {
        self.init(
            EvictionGoal(EvictionLimits(), maximumSize: limit, segmentSize: 0), freeSpace: { nil })
    }

    /// Lets `body` be called whenever a mark is passed, by whoever takes the bytes: it must not wait.
    func whenShort(_ body: (@Sendable () -> Void)?) {
        whenShort.withLock { $0 = body }
    }

    /// All bytes in use.
    var total: Int { account.withLock { $0.total } }

    func used(for use: Use) -> Int { account.withLock { $0.used[use.rawValue] } }

    /// Takes `count` bytes.
    ///
    /// - Parameter mayUseReserve: whether what requests leave for eviction may be taken, too.
    /// - Throws: ``StoreError/Code/noSpace`` caused by a ``SpaceShortage`` when that would pass the limit, or
    ///   leave too little free on the file system.
    func take(_ count: Int, for use: Use, mayUseReserve: Bool = false) throws(StoreError) {
        try checkFreeSpace(count, mayUseReserve: mayUseReserve)
        let limit = goal.limit.map { mayUseReserve ? $0 + goal.reserve : $0 }
        let (isTaken, isNewlyShort) = account.withLock { account in
            if let limit, count > limit - account.total { return (false, false) }
            account.used[use.rawValue] += count
            account.total += count
            return (true, notePassing(of: &account))
        }
        if isNewlyShort { tell() }
        guard isTaken else {
            throw StoreError(
                .noSpace, "The store is full: its limit is \((goal.limit ?? 0) + goal.reserve) bytes.",
                cause: SpaceShortage(bytes: count))
        }
    }

    /// Gives back `count` bytes.
    func give(_ count: Int, from use: Use) {
        note(-count, for: use)
    }

    /// Counts `change` bytes more, whatever the limit: they are on the disk already.
    func note(_ change: Int, for use: Use) {
        let isNewlyShort = account.withLock { account in
            account.used[use.rawValue] += change
            account.total += change
            return notePassing(of: &account)
        }
        if isNewlyShort { tell() }
    }

    /// Counts all bytes of `use` as `count`, whatever the limit.
    func set(_ count: Int, for use: Use) {
        account.withLock { account in
            account.total += count - account.used[use.rawValue]
            account.used[use.rawValue] = count
        }
    }

    /// Counts bytes that change their use.
    func move(_ count: Int, from use: Use, to other: Use) {
        account.withLock { account in
            account.used[use.rawValue] -= count
            account.used[other.rawValue] += count
        }
    }

    /// What `count` bytes of a file occupy: whole blocks of 4 KiB, the block size of the file systems in use.
    static func blocks(_ count: Int) -> Int { (count + 4095) & ~4095 }

    private func checkFreeSpace(_ count: Int, mayUseReserve: Bool) throws(StoreError) {
        // What cannot be asked is no reason to refuse.
        guard let freeSpace, let free = freeSpace(), let mark = goal.freeMark else { return }
        let isBelow = free - count < mark
        let isNewlyShort = account.withLock { account in
            defer { account.isBelowFreeMark = isBelow }
            return isBelow && !account.isBelowFreeMark
        }
        if isNewlyShort { tell() }
        guard let minimum = goal.minimumFree, free - count < minimum, !mayUseReserve else { return }
        throw StoreError(
            .noSpace, "The store is full: \(minimum) bytes stay free on its disk.",
            cause: SpaceShortage(bytes: count))
    }

    /// Whether the high mark was passed just now.
    private func notePassing(of account: inout Account) -> Bool {
        guard let mark = goal.highMark else { return false }
        let wasAbove = account.isAboveMark
        account.isAboveMark = account.total > mark
        return account.isAboveMark && !wasAbove
    }

    private func tell() {
        let body = whenShort.withLock { $0 }
        body?()
    }
}

/// Why the ledger refused: how many bytes more a request wanted.
struct SpaceShortage: Error, CustomStringConvertible {
    let bytes: Int

    var description: String { "\(bytes) bytes more were asked for" }
}
