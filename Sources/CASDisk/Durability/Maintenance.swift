// SPDX-License-Identifier: Apache-2.0

import CASStore
import Logging
import Synchronization

/// What a store does by itself every now and then: checkpoints, writing last uses, and forgetting uploads that
/// nobody goes on with.
final class Maintenance: Sendable {
    /// How often it looks what is due.
    private static let tick = Duration.seconds(1)

    /// How long a last use of a reference or an action result waits to be written at most.
    private static let usesWait = Duration.seconds(60)

    private struct Last {
        var checkpoint: Duration = .zero
        var checkpointedBytes = 0
        var uses: Duration = .zero
    }

    private let checkpoints: Checkpoints
    private let log: SegmentLog
    private let commits: GroupCommit
    private let uploads: DiskUploads
    private let dirty: DirtyFiles
    private let logger: Logger
    private let origin = ContinuousClock.now
    private let last = Mutex(Last())
    private let thread = Mutex<BackgroundThread?>(nil)

    init(
        checkpoints: Checkpoints, log: SegmentLog, commits: GroupCommit, uploads: DiskUploads,
        dirty: DirtyFiles, logger: Logger
    ) {
        self.checkpoints = checkpoints
        self.log = log
        self.commits = commits
        self.uploads = uploads
        self.dirty = dirty
        self.logger = logger
    }

    deinit {
        thread.withLock { $0 }?.end()
    }

    func start() {
        let started = BackgroundThread("casemate upkeep", every: Self.tick) { [weak self] in
            self?.doWhatIsDue()
        }
        thread.withLock { $0 = started }
    }

    /// Returns when nothing is being done any more.
    func stop() {
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.stop()
    }

    private func doWhatIsDue() {
        let now = origin.duration(to: .now)
        let (checkpointIsDue, usesAreDue) = last.withLock { last in
            let bytes = log.appendedBytes
            let due = (
                now - last.checkpoint >= Checkpoints.longestWait
                    || bytes - last.checkpointedBytes >= Checkpoints.bytesBetween,
                now - last.uses >= Self.usesWait
            )
            if due.0 { (last.checkpoint, last.checkpointedBytes) = (now, bytes) }
            if due.1 { last.uses = now }
            return due
        }
        if checkpointIsDue { takeCheckpoint() }
        if usesAreDue {
            commits.flushUses()
            uploads.expire()
        }
    }

    private func takeCheckpoint() {
        // Once the disk failed, every attempt does; it was said then.
        guard dirty.failure == nil else { return }
        do throws(StoreError) {
            try checkpoints.takeIfDue()
        } catch {
            logger.error("No checkpoint could be taken.", metadata: ["error": "\(error)"])
        }
    }
}
