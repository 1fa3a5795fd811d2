// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// Whether the disk takes writes, judged by those that were tried.
///
/// A full disk is not a failing one: what finds no space counts for nothing here.
final class WriteHealth: Sendable {
    /// How many writes fail, and none succeeds, before the disk counts as one that takes none: a single one may
    /// have hit a bad block.
    static let failuresInARow = 3

    private struct Streak {
        var count = 0
        var last: StoreError?
    }

    private let streak = Mutex(Streak())

    /// Whether the streak is not empty: so that a success costs nothing while all is well.
    private let hasFailures = Atomic(false)
    private let lostSync: @Sendable () -> StoreError?

    /// `lostSync` says whether a sync failed since the opening, after which nothing makes the disk good again.
    init(lostSync: @escaping @Sendable () -> StoreError? = { nil }) {
        self.lostSync = lostSync
    }

    /// What the writes so far say.
    var writability: Writability {
        if let failure = lostSync() { return .readOnly(failure.sentence) }
        return streak.withLock { streak in
            guard streak.count >= Self.failuresInARow, let last = streak.last else { return .writable }
            return .readOnly(last.sentence)
        }
    }

    /// Notes that a write reached the file system.
    func noteSuccess() {
        guard hasFailures.load(ordering: .relaxed) else { return }
        streak.withLock { streak in
            streak = Streak()
            hasFailures.store(false, ordering: .relaxed)
        }
    }

    /// Notes why a write did not; only failures of the system count.
    func note(_ error: StoreError) {
        guard error.code == .failed else { return }
        streak.withLock { streak in
            streak.count += 1
            streak.last = error
            hasFailures.store(true, ordering: .relaxed)
        }
    }
}
