// SPDX-License-Identifier: Apache-2.0

import CASStore
import GRDB
import Synchronization

/// Comes between the blobs that were acknowledged and what names them: whoever waits at one time shares one sync
/// of the files and one transaction.
///
/// On a thread of its own, so that no request's thread waits for the disk. While one group is on its way to the
/// disk, the next one gathers.
final class GroupCommit: Sendable {
    /// Changes rows in a transaction that it shares with others.
    typealias Statements = @Sendable (Database) throws -> Void

    private struct Request: Sendable {
        let needsBarrier: Bool
        let change: RecordDatabase.Change?
        let end: @Sendable (Result<Void, StoreError>) -> Void
    }

    private let durability: Durability
    private let dirty: DirtyFiles
    private let records: RecordDatabase
    private let waiting = Mutex<[Request]>([])
    private let thread = Mutex<BackgroundThread?>(nil)

    /// - Parameter hasThread: false lets every caller do its own work, one after another.
    init(durability: Durability, dirty: DirtyFiles, records: RecordDatabase, hasThread: Bool) {
        self.durability = durability
        self.dirty = dirty
        self.records = records
        guard hasThread else { return }
        let started = BackgroundThread("casemate commit") { [weak self] in self?.commitWaiting() }
        thread.withLock { $0 = started }
    }

    deinit {
        thread.withLock { $0 }?.end()
    }

    /// Returns when every blob that was acknowledged is as durable as blobs are by themselves.
    func settleBlobs() async throws(StoreError) {
        switch durability {
        case .always: try await request(needsBarrier: true, nil)
        case .reference, .none: break
        }
    }

    /// Commits `statements`, which name blobs, once every blob acknowledged before is as durable as they will be.
    ///
    /// - Parameter rows: how many rows they put in or change, and of how many bytes.
    func commit(rows: Int, bytes: Int, _ statements: @escaping Statements) async throws(StoreError) {
        let change = RecordDatabase.Change(rows: rows, bytes: bytes, statements: statements)
        switch durability {
        case .always, .reference: try await request(needsBarrier: true, change)
        case .none: try await request(needsBarrier: false, change)
        }
    }

    /// Commits `statements` that put no row in and name no blob.
    func commitWithoutBarrier(_ statements: @escaping Statements) async throws(StoreError) {
        try await request(needsBarrier: false, RecordDatabase.Change(statements: statements))
    }

    /// How many requests wait for the group after the one that is under way.
    var waitingCount: Int { waiting.withLock { $0.count } }

    /// Lets the last uses that were gathered be written, without waiting for it.
    func flushUses() {
        guard records.hasUnwrittenUses else { return }
        waiting.withLock {
            $0.append(Request(needsBarrier: false, change: RecordDatabase.Change { _ in }, end: { _ in }))
        }
        thread.withLock { $0 }?.wake() ?? commitWaiting()
    }

    /// Does what still waits, and ends the thread.
    func close() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.stop()
        commitWaiting()
    }

    private func request(needsBarrier: Bool, _ change: RecordDatabase.Change?) async throws(StoreError) {
        let thread = thread.withLock { $0 }
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            let request = Request(needsBarrier: needsBarrier, change: change) {
                continuation.resume(returning: $0)
            }
            waiting.withLock { $0.append(request) }
            thread?.wake() ?? commitWaiting()
        }
        try result.get()
    }

    private func commitWaiting() {
        let requests = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !requests.isEmpty else { return }
        let barrier: Result<Void, StoreError> =
            requests.contains(where: \.needsBarrier)
            ? Result { () throws(StoreError) in try dirty.sync() } : .success(())
        var passed: [Request] = []
        for request in requests {
            if request.needsBarrier, case .failure = barrier {
                request.end(barrier)
            } else if request.change == nil {
                request.end(.success(()))
            } else {
                passed.append(request)
            }
        }
        guard !passed.isEmpty else { return }
        for (request, result) in zip(passed, records.transact(passed.compactMap(\.change))) {
            request.end(result)
        }
    }
}
