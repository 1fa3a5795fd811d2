// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CGRPC
internal import Synchronization

/// One call on the client, from its making to the last event about it.
final class ClientCall: @unchecked Sendable {
    // `memory` belongs to the core's operations, of which one of each kind is under way at a time, and to the task
    // that waits for them. The end of the call, which anybody may wait for, is in `ending`.
    private let channel: Channel
    private let pointer: OpaquePointer
    private let memory: UnsafeMutablePointer<casemate_client_call>
    private let ending = Mutex(Ending())

    init(_ channel: Channel, _ path: String, _ options: CallOptions) {
        self.channel = channel
        pointer = channel.makeCall(path, options)
        memory = .allocate(capacity: 1)
        memory.initialize(to: casemate_client_call())
        grpc_metadata_array_init(&memory.pointee.initial_metadata)
        grpc_metadata_array_init(&memory.pointee.trailing_metadata)
        memory.pointee.status_message = casemate_empty_slice()
    }

    deinit {
        if let received = memory.pointee.received { grpc_byte_buffer_destroy(received) }
        grpc_metadata_array_destroy(&memory.pointee.initial_metadata)
        grpc_metadata_array_destroy(&memory.pointee.trailing_metadata)
        grpc_slice_unref(memory.pointee.status_message)
        grpc_call_unref(pointer)
        memory.deallocate()
    }

    /// Sends the only request and waits for the only response and the status.
    func exchange(_ message: ByteChain, _ options: CallOptions) async throws -> ByteChain {
        _ = await cancellable {
            await Batch.run(on: pointer, keeping: self) { batch in
                batch.sendInitialMetadata(options.metadata, flags: options.flags)
                batch.sendMessage(message)
                batch.sendCloseFromClient()
                batch.receiveInitialMetadata(into: memory.address(of: \.initial_metadata))
                batch.receiveMessage(into: memory.address(of: \.received))
                batch.receiveStatus(into: memory)
            }
        }
        return try onlyResponse(status)
    }

    /// Starts a call with streams; `message` is the only request of a call that has one.
    func begin(_ options: CallOptions, with message: ByteChain? = nil) {
        Batch.start(on: pointer, keeping: self) { batch in
            batch.sendInitialMetadata(options.metadata, flags: options.flags)
            if let message {
                batch.sendMessage(message)
                batch.sendCloseFromClient()
            }
        } tag: { kept in
            KeepingTag(keeping: kept)
        }
        Batch.start(on: pointer, keeping: self) { batch in
            batch.receiveInitialMetadata(into: memory.address(of: \.initial_metadata))
        } tag: { kept in
            KeepingTag(keeping: kept)
        }
        Batch.start(on: pointer, keeping: self) { batch in
            batch.receiveStatus(into: memory)
        } tag: { _ in
            StatusTag(self)
        }
    }

    /// Sends a request; false when the call is over and no more can be sent.
    func send(_ message: ByteChain) async -> Bool {
        await cancellable { await Batch.run(on: pointer, keeping: self) { $0.sendMessage(message) } }
    }

    /// Says that no more requests come.
    func sendClose() async {
        _ = await cancellable { await Batch.run(on: pointer, keeping: self) { $0.sendCloseFromClient() } }
    }

    /// The next response, or nil when the call has ended well.
    func receive() async throws -> ByteChain? {
        if let message = await receiveMessage() { return message }
        let status = await end()
        guard status.code == .ok else { throw status }
        return nil
    }

    /// The only response, once the call has ended.
    func receiveOnly() async throws -> ByteChain {
        let message = await receiveMessage()
        let status = await end()
        guard status.code == .ok else { throw status }
        guard let message else { throw Self.noResponse }
        return message
    }

    /// Ends the call from this side, if it has not ended.
    func cancel() {
        grpc_call_cancel(pointer, nil)
    }

    private static let noResponse = RPCStatus(.internal, "The server ended the call without a response.")

    private func receiveMessage() async -> ByteChain? {
        let buffer = memory.address(of: \.received)
        _ = await cancellable {
            await Batch.run(on: pointer, keeping: self) { $0.receiveMessage(into: buffer) }
        }
        return takeReceived()
    }

    private func onlyResponse(_ status: RPCStatus) throws -> ByteChain {
        guard status.code == .ok else { throw status }
        guard let message = takeReceived() else { throw Self.noResponse }
        return message
    }

    private func takeReceived() -> ByteChain? {
        guard let received = memory.pointee.received else { return nil }
        memory.pointee.received = nil
        return ByteChain(owning: received)
    }

    private func end() async -> RPCStatus {
        await cancellable {
            await withUnsafeContinuation { continuation in
                if let status = ending.withLock({ $0.wait(continuation) }) {
                    continuation.resume(returning: status)
                }
            }
        }
    }

    fileprivate func ended() {
        let status = status
        ending.withLock { $0.end(status) }?.resume(returning: status)
    }

    private var status: RPCStatus {
        RPCStatus(
            number: Int(memory.pointee.status.rawValue),
            message: memory.pointee.status_message.withBytes { String(decoding: $0, as: UTF8.self) },
            trailing: Metadata(memory.pointee.trailing_metadata))
    }

    private func cancellable<Result>(_ body: () async -> Result) async -> Result {
        await withTaskCancellationHandler(operation: body) { cancel() }
    }
}

/// How the call ended, or who waits to hear it.
private struct Ending {
    private var status: RPCStatus?
    private var waiter: UnsafeContinuation<RPCStatus, Never>?

    /// The status if it is known; else `continuation` is kept.
    mutating func wait(_ continuation: UnsafeContinuation<RPCStatus, Never>) -> RPCStatus? {
        if status == nil { waiter = continuation }
        return status
    }

    /// Notes the status; returns who waits for it.
    mutating func end(_ status: RPCStatus) -> UnsafeContinuation<RPCStatus, Never>? {
        self.status = status
        defer { waiter = nil }
        return waiter
    }
}

/// The status has come.
private final class StatusTag: EventTag, @unchecked Sendable {
    private let call: ClientCall

    init(_ call: ClientCall) {
        self.call = call
    }

    override func complete(succeeded: Bool) {
        call.ended()
    }
}

extension CallOptions {
    fileprivate var flags: UInt32 {
        waitsForReady
            ? UInt32(
                GRPC_INITIAL_METADATA_WAIT_FOR_READY | GRPC_INITIAL_METADATA_WAIT_FOR_READY_EXPLICITLY_SET)
            : 0
    }
}
