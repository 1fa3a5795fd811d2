// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import Synchronization

/// An upload to a ``MemoryStore``.
final class MemoryUpload: BlobUpload {
    private(set) var receivedBytes: Int
    private let ticket: UploadTicket
    private let store: MemoryStore

    init(_ ticket: UploadTicket, in store: MemoryStore, receivedBytes: Int) {
        self.ticket = ticket
        self.store = store
        self.receivedBytes = receivedBytes
    }

    deinit {
        store.state.withLock { $0.park(ticket, now: store.now()) }
    }

    func append(_ content: ByteChain) async throws(StoreError) {
        receivedBytes = try store.state.withLock { state throws(StoreError) in
            try state.append(content, by: ticket)
        }
    }

    func finish() async throws(StoreError) {
        let content = try store.state.withLock { state throws(StoreError) in try state.finish(ticket) }
        let check = Result { () throws(StoreError) in try ticket.key.digest.check(content) }
        store.state.withLock { $0.settle(content, of: ticket, isRight: (try? check.get()) != nil) }
        try check.get()
    }

    func park() async {
        store.state.withLock { $0.park(ticket, now: store.now()) }
    }

    func discard() async {
        store.state.withLock { $0.discard(ticket) }
    }
}
