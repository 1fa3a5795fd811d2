// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// Asks the core for the next call of one rpc, again and again until the server stops.
final class CallRequest: EventTag, @unchecked Sendable {
    /// What of the server the requests need.
    struct Origin: Sendable {
        // A server may be asked for calls from any thread until it is destroyed, which happens after the last event.
        nonisolated(unsafe) let server: OpaquePointer
        let pollers: Pollers
        let calls: ServerCalls
    }

    /// A registered rpc, or nil for all that are not registered.
    struct Target: Sendable {
        // What the core calls the rpc; valid as long as the server.
        nonisolated(unsafe) let registration: UnsafeMutableRawPointer
        let entry: MethodTable.Entry
    }

    private let origin: Origin
    private let target: Target?
    private let memory: UnsafeMutablePointer<casemate_server_call>

    init(_ origin: Origin, _ target: Target?) {
        self.origin = origin
        self.target = target
        memory = .allocate(capacity: 1)
        memory.initialize(to: casemate_server_call())
        grpc_metadata_array_init(&memory.pointee.metadata)
        grpc_call_details_init(&memory.pointee.details)
    }

    func start() {
        let queue = origin.pollers.queue.pointer
        let tag = handOver()
        let outcome: grpc_call_error
        if let target {
            outcome = grpc_server_request_registered_call(
                origin.server, target.registration, memory.address(of: \.call),
                memory.address(of: \.deadline),
                memory.address(of: \.metadata),
                target.entry.hasOneRequest ? memory.address(of: \.received) : nil,
                queue, queue, tag)
        } else {
            outcome = grpc_server_request_call(
                origin.server, memory.address(of: \.call), memory.address(of: \.details),
                memory.address(of: \.metadata), queue, queue, tag)
        }
        precondition(outcome == GRPC_CALL_OK, String(cString: grpc_call_error_to_string(outcome)))
    }

    override func complete(succeeded: Bool) {
        guard succeeded else { return discard() }
        CallRequest(origin, target).start()
        origin.calls.arrived()
        let call = ServerCall(memory, path: path, of: origin.calls)
        call.run(target?.entry.handler ?? Self.refuseUnknown, on: origin.pollers.executor)
    }

    private var path: String {
        target?.entry.path ?? memory.pointee.details.method.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private static let refuseUnknown: MethodTable.Handler = { call in
        throw RPCStatus(.unimplemented, "This server does not offer \(call.path).")
    }

    /// The server stops; no call came.
    private func discard() {
        grpc_metadata_array_destroy(&memory.pointee.metadata)
        grpc_call_details_destroy(&memory.pointee.details)
        memory.deallocate()
    }
}
