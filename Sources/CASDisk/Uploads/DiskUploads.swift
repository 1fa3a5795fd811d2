// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Synchronization

/// The unfinished uploads: `UploadRegistry` decides, this acts.
final class DiskUploads: Sendable {
    let commits: GroupCommit

    private let registry: Mutex<UploadRegistry<IncomingBlob>>
    private let makeContent: @Sendable (Digest) throws(StoreError) -> IncomingBlob
    private let store: @Sendable (IncomingBlob, Digest) throws(StoreError) -> Void
    private let parking: UploadParking
    private let writes: WriteHealth
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let room: RoomMaker

    /// Uploads whose content `makeContent` begins and `store` turns into a blob; unfinished ones rest in `parking`, and
    /// what finds no room waits for `room`.
    init(
        limits: UploadLimits, parking: UploadParking, commits: GroupCommit, writes: WriteHealth,
        room: RoomMaker, clock: @escaping @Sendable () -> ContinuousClock.Instant,
        makeContent: @escaping @Sendable (Digest) throws(StoreError) -> IncomingBlob,
        store: @escaping @Sendable (IncomingBlob, Digest) throws(StoreError) -> Void
    ) {
        self.commits = commits
        registry = Mutex(UploadRegistry(limits: limits))
        self.parking = parking
        self.writes = writes
        self.clock = clock
        self.room = room
        self.makeContent = makeContent
        self.store = store
    }

    func open(_ key: UploadKey, at offset: Int) throws(StoreError) -> DiskUpload {
        expire()
        let now = clock()
        switch registry.withLock({ $0.open(key, at: offset, now: now) }) {
        case .started(let ticket, ending: _, dropping: let content):
            free(content)
            return DiskUpload(ticket, of: self, receivedBytes: 0)
        case .resumed(let ticket, ending: _):
            try resume(ticket)
            return DiskUpload(ticket, of: self, receivedBytes: offset)
        case .refused(let kept):
            throw StoreError(.mismatch, "Expected the upload to go on at \(kept), found \(offset).")
        case .occupied:
            throw StoreError(
                .superseded, "The upload is still taking bytes, so it cannot go on at \(offset).")
        }
    }

    /// Makes the content of an opening, which may have been parked, ready to take bytes.
    private func resume(_ ticket: UploadTicket) throws(StoreError) {
        guard case .proceed(let content?) = registry.withLock({ $0.beginAppend(of: 0, by: ticket) }) else {
            throw Self.superseded
        }
        do throws(StoreError) {
            try content.resume(from: parking)
        } catch {
            free(content)
            discard(ticket)
            throw StoreError(
                .superseded, "What was kept of the upload is lost; it starts at 0.", cause: error)
        }
        try bringBack(content, to: ticket)
    }

    func keptBytes(of key: UploadKey) -> Int? {
        let now = clock()
        return registry.withLock { $0.keptBytes(of: key, now: now) }
    }

    /// Takes the next bytes; returns how many there are then.
    func append(_ more: ByteChain, to ticket: UploadTicket) async throws(StoreError) -> Int {
        switch registry.withLock({ $0.beginAppend(of: more.count, by: ticket) }) {
        case .superseded: throw Self.superseded
        case .tooLong(dropping: let content):
            free(content)
            throw StoreError(
                .mismatch, "Expected \(ticket.key.digest.size) bytes of content, found more.")
        case .proceed(let content):
            return try await append(more, to: content, ticket)
        }
    }

    private func append(
        _ more: ByteChain, to content: IncomingBlob?, _ ticket: UploadTicket
    ) async throws(StoreError) -> Int {
        do throws(StoreError) {
            let content = try await filled(with: more, content, ticket.key.digest)
            try bringBack(content, to: ticket)
            return content.receivedBytes
        } catch {
            writes.note(error)
            // What failed in the middle has bytes that nobody counted.
            free(registry.withLock { $0.discard(ticket) })
            throw error
        }
    }

    /// The content with `more` at its end, which waits for room if there is none.
    private func filled(
        with more: ByteChain, _ content: IncomingBlob?, _ digest: Digest
    ) async throws(StoreError) -> IncomingBlob {
        var filled = content
        var isTaken = false
        return try await room.retrying(for: digest.size) { () throws(StoreError) in
            let content = try contentToFill(filled, digest)
            filled = content
            if isTaken {
                try content.flush()
            } else {
                isTaken = true
                try content.append(more)
            }
            return content
        }
    }

    /// Gives content that was taken out back to the opening, unless a newer one wants it or has begun anew.
    private func bringBack(_ content: IncomingBlob, to ticket: UploadTicket) throws(StoreError) {
        let received = content.receivedBytes
        switch registry.withLock({ $0.endAppend(by: ticket, keeping: content, receivedBytes: received) }) {
        case .kept: return
        case .awaited: park(ticket)
        case .superseded: free(content)
        }
        throw Self.superseded
    }

    func finish(_ ticket: UploadTicket) async throws(StoreError) {
        let digest = ticket.key.digest
        switch registry.withLock({ $0.finish(ticket) }) {
        case .superseded: throw Self.superseded
        case .tooShort(let received, dropping: let content):
            free(content)
            throw StoreError(.mismatch, "Expected \(digest.size) bytes of content, found \(received).")
        case .proceed(let content):
            defer { registry.withLock { $0.endFinish(ticket) } }
            let content = try contentToFill(content, digest)
            try content.verify(digest)
            try await room.retrying(for: digest.size) { () throws(StoreError) in
                try store(content, digest)
            }
        }
    }

    private func contentToFill(_ content: IncomingBlob?, _ digest: Digest) throws(StoreError) -> IncomingBlob
    {
        guard let content else { return try makeContent(digest) }
        return content
    }

    /// Keeps what the opening has brought for one that may come, in this process or the next.
    func park(_ ticket: UploadTicket) {
        // Without a file, as there is no room or the disk fails, the client has to start anew.
        guard isBroughtToFiles(ticket) else { return discard(ticket) }
        let now = clock()
        free(registry.withLock { $0.park(ticket, now: now) })
    }

    private func isBroughtToFiles(_ ticket: UploadTicket) -> Bool {
        guard case .proceed(let content?) = registry.withLock({ $0.beginAppend(of: 0, by: ticket) }) else {
            return true
        }
        guard (try? content.park(as: ticket.key, in: parking)) != nil else { return false }
        let received = content.receivedBytes
        switch registry.withLock({ $0.endAppend(by: ticket, keeping: content, receivedBytes: received) }) {
        case .kept, .awaited: return true
        case .superseded:
            free(content)
            return false
        }
    }

    func discard(_ ticket: UploadTicket) {
        free(registry.withLock { $0.discard(ticket) })
    }

    /// Forgets parked uploads that were kept long enough.
    func expire() {
        let now = clock()
        free(registry.withLock { $0.expire(now: now) })
    }

    /// Forgets the upload that was parked first, to make room; returns how many bytes of disk that freed, 0 if none
    /// is parked.
    func dropOldestParked() -> Int {
        guard let content = registry.withLock({ $0.dropOldestParked() }) else { return 0 }
        return content.free(from: parking)
    }

    /// Takes in what an earlier process has parked, the oldest first.
    func restore(_ uploads: [ParkedFiles]) {
        let now = clock()
        for parked in uploads {
            guard let content = try? IncomingBlob(parked) else {
                parking.remove(parked)  // Of a digest function that is not offered any more.
                continue
            }
            let (key, received) = (parked.description.key, parked.description.receivedBytes)
            let time = parking.timeOfParking(parked, now: now)
            free(
                registry.withLock {
                    $0.restore(key, keeping: content, receivedBytes: received, parkedAt: time)
                })
        }
        expire()
    }

    /// Parks what is still open, and forgets all uploads; their files stay for the next opening of the store.
    func close() {
        for ticket in registry.withLock({ $0.restingTickets }) { park(ticket) }
        let parked = registry.withLock { registry in
            defer { registry = UploadRegistry() }
            return registry
        }
        withExtendedLifetime(parked) {}
    }

    /// Content that is not parked frees what it occupies with its last reference: here, outside the lock.
    private func free(_ content: IncomingBlob?) {
        _ = content?.free(from: parking)
    }

    private func free(_ contents: [IncomingBlob]) {
        for content in contents { free(content) }
    }

    private static let superseded = StoreError(.superseded, "A newer opening of the upload took over.")
}
