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

        var isEmpty: Bool { files.isEmpty && directories.isEmpty }
    }

    private let system: any FileSystem
    private let pending = Mutex(Pending())
    private let firstFailure = Mutex<StoreError?>(nil)

    /// Held while one syncs: who comes meanwhile may find nothing pending, but must not go on before the disk
    /// has it.
    private let turn = Mutex(())

    init(on system: any FileSystem) {
        self.system = system
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
            if let failure { throw failure }
            let pending = pending.withLock { pending in
                defer { pending = Pending() }
                return pending
            }
            guard !pending.isEmpty else { return }
            do throws(StoreError) {
                try sync(pending)
            } catch {
                firstFailure.withLock { $0 = error }
                throw error
            }
        }
    }

    private func sync(_ pending: Pending) throws(StoreError) {
        for path in pending.files {
            try orFailure(path) { () throws(SystemError) in try File(path, .read, on: system).sync() }
        }
        // Last, so that a name never comes before what it names.
        for path in pending.directories {
            try orFailure(path) { () throws(SystemError) in try system.syncDirectory(path) }
        }
    }

    private func orFailure(_ path: String, _ body: () throws(SystemError) -> Void) throws(StoreError) {
        do {
            try body()
        } catch {
            guard error != .notThere else { return }  // It was removed since.
            throw StoreError(
                .failed,
                "The disk did not take what was written to \(path) (\(error)); nothing is promised before the store is opened again.",
                cause: error)
        }
    }
}
