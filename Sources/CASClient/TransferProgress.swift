// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How far a push or pull is: counted by those who do the work, looked at by whoever wants to know.
///
/// Counting costs an atomic addition; nothing is sent to anybody.
public final class TransferProgress: Sendable {
    /// What is being done.
    public enum Phase: Int, Sendable {
        /// Finding out what the tree consists of.
        case listing
        /// Reading and hashing local files.
        case hashing
        /// Moving blobs.
        case transferring
    }

    /// How far it was at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// What was being done.
        public var phase: Phase
        /// How many files or blobs of this phase were done.
        public var filesDone: Int
        /// How many there are in this phase.
        public var filesTotal: Int
        /// How many bytes of this phase were done.
        public var bytesDone: Int
        /// How many there are in this phase.
        public var bytesTotal: Int
    }

    private let phase = Atomic<Int>(Phase.listing.rawValue)
    private let filesDone = Atomic<Int>(0)
    private let filesTotal = Atomic<Int>(0)
    private let bytesDone = Atomic<Int>(0)
    private let bytesTotal = Atomic<Int>(0)

    /// Progress of what has not begun.
    public init() {}

    /// How far it is now.
    public var snapshot: Snapshot {
        Snapshot(
            phase: Phase(rawValue: phase.load(ordering: .relaxed)) ?? .listing,
            filesDone: filesDone.load(ordering: .relaxed), filesTotal: filesTotal.load(ordering: .relaxed),
            bytesDone: bytesDone.load(ordering: .relaxed), bytesTotal: bytesTotal.load(ordering: .relaxed))
    }

    /// How far it is every `interval`, until whoever iterates is cancelled.
    public func snapshots(every interval: Duration) -> some AsyncSequence<Snapshot, any Error> {
        Snapshots(progress: self, interval: interval)
    }

    func begin(_ phase: Phase, files: Int, bytes: Int) {
        filesDone.store(0, ordering: .relaxed)
        bytesDone.store(0, ordering: .relaxed)
        filesTotal.store(files, ordering: .relaxed)
        bytesTotal.store(bytes, ordering: .relaxed)
        self.phase.store(phase.rawValue, ordering: .relaxed)
    }

    func did(files: Int = 0, bytes: Int = 0) {
        if files != 0 { filesDone.add(files, ordering: .relaxed) }
        if bytes != 0 { bytesDone.add(bytes, ordering: .relaxed) }
    }
}

private struct Snapshots: AsyncSequence, AsyncIteratorProtocol {
    let progress: TransferProgress
    let interval: Duration

    func makeAsyncIterator() -> Snapshots { self }

    mutating func next() async throws -> TransferProgress.Snapshot? {
        try await Task.sleep(for: interval)
        return progress.snapshot
    }
}
