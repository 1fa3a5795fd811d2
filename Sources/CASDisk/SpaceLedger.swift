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
        /// SQLite's, which grows by itself: noted, never refused.
        case records
    }

    private struct Account {
        var used = [Int](repeating: 0, count: Use.allCases.count)
        var total = 0
    }

    let limit: Int?
    private let account = Mutex(Account())

    init(limit: Int?) {
        self.limit = limit
    }

    /// All bytes in use.
    var total: Int { account.withLock { $0.total } }

    func used(for use: Use) -> Int { account.withLock { $0.used[use.rawValue] } }

    /// Takes `count` bytes.
    ///
    /// - Throws: ``StoreError/Code/noSpace`` when that would pass the limit.
    func take(_ count: Int, for use: Use) throws(StoreError) {
        let isTaken = account.withLock { account in
            if let limit, count > limit - account.total { return false }
            account.used[use.rawValue] += count
            account.total += count
            return true
        }
        guard isTaken else {
            throw StoreError(.noSpace, "The store is full: its limit is \(limit ?? 0) bytes.")
        }
    }

    /// Gives back `count` bytes.
    func give(_ count: Int, from use: Use) {
        note(-count, for: use)
    }

    /// Counts `change` bytes more, whatever the limit: they are on the disk already.
    func note(_ change: Int, for use: Use) {
        account.withLock { account in
            account.used[use.rawValue] += change
            account.total += change
        }
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
}
