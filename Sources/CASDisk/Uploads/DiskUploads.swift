// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Synchronization

/// The unfinished uploads: `UploadRegistry` decides, this acts.
final class DiskUploads: Sendable {
    private let limits: UploadLimits
    private let registry: Mutex<UploadRegistry<IncomingBlob>>
    private let makeContent: @Sendable (Digest) throws(StoreError) -> IncomingBlob
    private let store: @Sendable (IncomingBlob, Digest) throws(StoreError) -> Void
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let room: RoomMaker

    /// Uploads whose content `makeContent` begins and `store` turns into a blob; what finds no room waits for
    /// `room`.
    init(
        limits: UploadLimits, clock: @escaping @Sendable () -> ContinuousClock.Instant, room: RoomMaker,
        makeContent: @escaping @Sendable (Digest) throws(StoreError) -> IncomingBlob,
        store: @escaping @Sendable (IncomingBlob, Digest) throws(StoreError) -> Void
    ) {
        self.limits = limits
        registry = Mutex(UploadRegistry(limits: limits))
        self.clock = clock
        self.room = room
        self.makeContent = makeContent
        self.store = store
    }

    func open(_ key: UploadKey, at offset: Int) throws(StoreError) -> DiskUpload {
        let now = clock()
        let expired = registry.withLock { $0.expire(now: now) }
        free(expired)
        switch registry.withLock({ $0.open(key, at: offset, now: now) }) {
        case .started(let ticket, ending: _, dropping: let content):
            free(content)
            return DiskUpload(ticket, of: self, receivedBytes: 0)
        case .resumed(let ticket, ending: _):
            return DiskUpload(ticket, of: self, receivedBytes: offset)
        case .refused(let kept):
            throw StoreError(.mismatch, "Expected the upload to go on at \(kept), found \(offset).")
        case .occupied:
            throw StoreError(.mismatch, "The upload is still taking bytes, so it cannot go on at \(offset).")
        }
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
            let received = content.receivedBytes
            guard registry.withLock({ $0.endAppend(by: ticket, keeping: content, receivedBytes: received) })
            else {
                throw Self.superseded
            }
            return received
        } catch {
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
                try content.rest()
            } else {
                isTaken = true
                try content.append(more)
            }
            return content
        }
    }

    func finish(_ ticket: UploadTicket) async throws(StoreError) {
        let digest = ticket.key.digest
        switch registry.withLock({ $0.finish(ticket) }) {
        case .superseded: throw Self.superseded
        case .tooShort(let received, dropping: let content):
            free(content)
            throw StoreError(.mismatch, "Expected \(digest.size) bytes of content, found \(received).")
        case .proceed(let content):
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

    func park(_ ticket: UploadTicket) {
        let now = clock()
        guard isReadyToRest(ticket) else { return discard(ticket) }
        free(registry.withLock { $0.park(ticket, now: now) })
    }

    /// Whether the content holds on to nothing that it does not need while nobody works on it.
    private func isReadyToRest(_ ticket: UploadTicket) -> Bool {
        guard case .proceed(let content?) = registry.withLock({ $0.beginAppend(of: 0, by: ticket) }) else {
            return true
        }
        // There is no room on the disk for what is in memory: the client has to start anew.
        guard (try? content.rest()) != nil else { return false }
        let received = content.receivedBytes
        return registry.withLock { $0.endAppend(by: ticket, keeping: content, receivedBytes: received) }
    }

    func discard(_ ticket: UploadTicket) {
        free(registry.withLock { $0.discard(ticket) })
    }

    /// Forgets all uploads; what they occupy is freed.
    func close() {
        let limits = limits
        _ = registry.withLock { registry in
            defer { registry = UploadRegistry(limits: limits) }
            return registry
        }
    }

    /// Content frees what it occupies with its last reference: here, outside the lock.
    private func free(_ content: IncomingBlob?) {}
    private func free(_ contents: [IncomingBlob]) {}

    private static let superseded = StoreError(.superseded, "A newer opening of the upload took over.")
}
