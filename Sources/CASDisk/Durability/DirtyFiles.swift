// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// The files and directories that were changed and may not be on the disk yet.
///
/// Whoever writes notes the file before it acknowledges anything, so a ``sync()`` that begins afterwards covers
/// it.
final class DirtyFiles: Sendable {
    private struct Pending {
        var files: Set<String> = []
        var directories: Set<String> = []
    }

    private let system: any FileSystem
    private let whenFailed: @Sendable () -> Void
    private let pending = Mutex(Pending())
    private let firstFailure = Mutex<StoreError?>(nil)

    /// Held while one syncs: who comes meanwhile may find nothing pending, but must not go on before the disk
    /// has it.
    private let turn = Mutex(())

    /// - Parameter whenFailed: called when a sync failed.
    init(on system: any FileSystem, whenFailed: @escaping @Sendable () -> Void) {
        self.system = system
        self.whenFailed = whenFailed
    }

    /// Notes that bytes or the length of the file at `path` changed.
    func note(_ path: String) {
        pending.withLock { _ = $0.files.insert(path) }
    }

    /// Notes that names in the directory at `path` changed.
    func note(directory path: String) {
        pending.withLock { _ = $0.directories.insert(path) }
    }

    /// Why nothing can be promised any more, or nil.
    var failure: StoreError? { firstFailure.withLock { $0 } }

    /// Returns when everything noted before the call is on the disk.
    ///
    /// - Throws: when the disk failed to take something, now or ever since the opening: what a failed sync did
    ///   not write, the system may forget, so a later one that succeeds proves nothing.
    func sync() throws(StoreError) {
        try turn.withLock { (_) throws(StoreError) in
            let pending = pending.withLock { pending in
                defer { pending = Pending() }
                return pending
            }
            // In order, so that a test that replays a failure sees the same calls.
            for path in pending.files.sorted() {
                try bring(path) { () throws(SystemError) in try File(path, .read, on: system).sync() }
            }
            // Last, so that a name never comes before what it names.
            for path in pending.directories.sorted() {
                try bring(path) { () throws(SystemError) in try system.syncDirectory(path) }
            }
            if let failure { throw failure }
        }
    }

    /// Runs `body`, which brings the file at `path` to the disk; if that fails, every later sync does, too.
    func bring(_ path: String, _ body: () throws(SystemError) -> Void) throws(StoreError) {
        if let failure { throw failure }
        do {
            try body()
        } catch {
            guard error != .notThere else { return }  // It was removed since.
            let failure = StoreError(
                .failed,
                "The disk did not take what was written to \(path) (\(error)); nothing is promised before the store is opened again.",
                cause: error)
            firstFailure.withLock { $0 = $0 ?? failure }
            whenFailed()
            throw failure
        }
    }
}
