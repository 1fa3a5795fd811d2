// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CGRPC
internal import Synchronization

/// One call on the server, from its arrival to the last event about it.
final class ServerCall: @unchecked Sendable {
    // `memory` belongs to the core's operations and to the handler's task, which has one of each kind under way at
    // a time; `sentInitialMetadata` belongs to the handler's task. What several threads decide on is in `state` and
    // `ahead`.
    let memory: UnsafeMutablePointer<casemate_server_call>
    let path: String
    private let server: ServerCalls
    private var sentInitialMetadata = false
    private let state = Mutex(ServerCallState())
    private let ahead = Mutex(ReceiveAhead())

    init(_ memory: UnsafeMutablePointer<casemate_server_call>, path: String, of server: ServerCalls) {
        self.memory = memory
        self.path = path
        self.server = server
    }

    deinit {
        if let received = memory.pointee.received { grpc_byte_buffer_destroy(received) }
        grpc_metadata_array_destroy(&memory.pointee.metadata)
        grpc_call_details_destroy(&memory.pointee.details)
        grpc_call_unref(memory.pointee.call)
        memory.deallocate()
    }

    var pointer: OpaquePointer { memory.pointee.call }

    var context: CallContext { CallContext(self) }

    /// Lets `handler` handle the call in a task on `executor`.
    func run(_ handler: @escaping MethodTable.Handler, on executor: PollerExecutor) {
        let task = Task(executorPreference: executor) {
            do {
                try await handler(self)
            } catch {
                self.end(self.server.status(for: error, in: self))
            }
        }
        if state.withLock({ $0.started { task.cancel() } }) { task.cancel() }
        // A call that its handler ends without waiting needs no watch on the client, and saves the event.
        PollerExecutor.afterJobs { self.watchForClose() }
    }

    /// The only request of a call that has one.
    func receiveOnly() async throws -> ByteChain {
        guard let buffer = takeReceived() else {
            throw RPCStatus(.unimplemented, "Expected one request message, found none.")
        }
        return ByteChain(owning: buffer)
    }

    /// The next request, or nil when the client sends no more.
    ///
    /// The one after it is received meanwhile: the network and the handler work at the same time.
    func receive() async throws -> ByteChain? {
        startReceiving()
        let succeeded = await withUnsafeContinuation { continuation in
            if let outcome = ahead.withLock({ $0.take(continuation) }) {
                continuation.resume(returning: outcome)
            }
        }
        if let buffer = takeReceived() {
            startReceiving()
            return ByteChain(owning: buffer)
        }
        guard succeeded, grpc_call_failed_before_recv_message(pointer) == 0 else { throw CancellationError() }
        return nil
    }

    private func startReceiving() {
        guard ahead.withLock({ $0.begin() }) else { return }
        Batch.start(on: pointer, keeping: self) { batch in
            batch.receiveMessage(into: memory.address(of: \.received))
        } tag: { _ in
            ReceiveTag(self)
        }
    }

    fileprivate func received(succeeded: Bool) {
        ahead.withLock { $0.end(succeeded: succeeded) }?.resume(returning: succeeded)
    }

    /// Sends a response and waits until there is room for another.
    func send(_ message: ByteChain) async throws {
        let succeeded = await Batch.run(on: pointer, keeping: self) { batch in
            addInitialMetadata(to: &batch)
            batch.sendMessage(message)
        }
        guard succeeded else { throw CancellationError() }
    }

    /// Ends the call with `status`, behind the only response if there is one. Nothing may be sent after it.
    func end(_ status: RPCStatus, with message: ByteChain? = nil) {
        let isWatched = state.withLock { $0.end() }
        Batch.start(on: pointer, keeping: self) { batch in
            addInitialMetadata(to: &batch)
            if let message { batch.sendMessage(message) }
            batch.sendStatus(status, trailing: Metadata())
            if !isWatched { batch.receiveClose(into: memory.address(of: \.cancelled)) }
        } tag: { kept in
            CallEndTag(keeping: kept, server)
        }
    }

    private func watchForClose() {
        guard state.withLock({ $0.watch() }) else { return }
        Batch.start(on: pointer, keeping: self) { batch in
            batch.receiveClose(into: memory.address(of: \.cancelled))
        } tag: { _ in
            CloseTag(self)
        }
    }

    fileprivate func closed() {
        guard memory.pointee.cancelled != 0 else { return }
        state.withLock { $0.cancel() }?()
    }

    private func addInitialMetadata(to batch: inout Batch) {
        guard !sentInitialMetadata else { return }
        sentInitialMetadata = true
        batch.sendInitialMetadata(Metadata())
    }

    private func takeReceived() -> UnsafeMutablePointer<grpc_byte_buffer>? {
        defer { memory.pointee.received = nil }
        return memory.pointee.received
    }
}

/// What the parts of a call that run on different threads agree on.
private struct ServerCallState {
    private var isWatched = false
    private var isEnding = false
    private var isCancelled = false
    private var cancelTask: (() -> Void)?

    /// The handler's task exists; true if it is to be cancelled at once.
    mutating func started(_ cancel: @escaping () -> Void) -> Bool {
        if isEnding { return false }
        cancelTask = cancel
        return isCancelled
    }

    /// True if the watch on the client is to start now.
    mutating func watch() -> Bool {
        guard !isEnding, !isWatched else { return false }
        isWatched = true
        return true
    }

    /// The status is about to be sent; true if the client is watched already.
    mutating func end() -> Bool {
        isEnding = true
        cancelTask = nil
        return isWatched
    }

    /// The client is gone; returns what cancels the handler.
    mutating func cancel() -> (() -> Void)? {
        isCancelled = true
        defer { cancelTask = nil }
        return cancelTask
    }
}

/// A request has come, or will not.
private final class ReceiveTag: EventTag, @unchecked Sendable {
    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    override func complete(succeeded: Bool) {
        call.received(succeeded: succeeded)
    }
}

/// The client has said that the call is over, or the handler has.
private final class CloseTag: EventTag, @unchecked Sendable {
    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    override func complete(succeeded: Bool) {
        call.closed()
    }
}

/// The status is on its way; the call is not needed any more.
private final class CallEndTag: EventTag, @unchecked Sendable {
    private let kept: [AnyObject]
    private let server: ServerCalls

    init(keeping kept: [AnyObject], _ server: ServerCalls) {
        self.kept = kept
        self.server = server
    }

    override func complete(succeeded: Bool) {
        withExtendedLifetime(kept) { server.ended() }
    }
}
