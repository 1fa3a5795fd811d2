// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CGRPC

/// The operations that one call to the core starts together.
///
/// The operations themselves are read while the batch starts; what they point at is kept by the tag.
struct Batch: ~Copyable {
    /// The most operations that a batch has: the core knows eight kinds, six of which go together.
    static let capacity = 6

    private let operations: UnsafeMutablePointer<grpc_op>
    private var count = 0

    /// What must stay alive until the batch is done.
    private(set) var kept: [AnyObject]

    private init(_ operations: UnsafeMutablePointer<grpc_op>, keeping owner: AnyObject) {
        self.operations = operations
        kept = [owner]
    }

    /// Starts the operations that `fill` names and returns whether all of them succeeded.
    static func run(
        on call: OpaquePointer, keeping owner: AnyObject, _ fill: (inout Batch) -> Void
    ) async -> Bool {
        await withUnsafeContinuation { continuation in
            start(on: call, keeping: owner, fill) { ResumingTag(continuation, keeping: $0) }
        }
    }

    /// Starts the operations that `fill` names under the tag that `makeTag` makes of what is to be kept.
    static func start(
        on call: OpaquePointer, keeping owner: AnyObject, _ fill: (inout Batch) -> Void,
        tag makeTag: ([AnyObject]) -> EventTag
    ) {
        withUnsafeTemporaryAllocation(of: grpc_op.self, capacity: capacity) { room in
            var batch = Batch(room.baseAddress!, keeping: owner)
            fill(&batch)
            let tag = makeTag(batch.kept)
            let outcome = grpc_call_start_batch(call, room.baseAddress, batch.count, tag.handOver(), nil)
            // The order of operations on a call is this module's own doing; nothing from outside can break it.
            precondition(outcome == GRPC_CALL_OK, String(cString: grpc_call_error_to_string(outcome)))
        }
    }

    mutating func sendInitialMetadata(_ metadata: Metadata, flags: UInt32 = 0) {
        let sent = SentMetadata(metadata)
        kept.append(sent)
        add(GRPC_OP_SEND_INITIAL_METADATA, flags: flags) { operation in
            operation.data.send_initial_metadata.count = sent.count
            operation.data.send_initial_metadata.metadata = sent.pointer
        }
    }

    mutating func sendMessage(_ message: ByteChain) {
        let sent = SentMessage(message)
        kept.append(sent)
        add(GRPC_OP_SEND_MESSAGE) { $0.data.send_message.send_message = sent.buffer }
    }

    mutating func sendCloseFromClient() {
        add(GRPC_OP_SEND_CLOSE_FROM_CLIENT) { _ in }
    }

    mutating func sendStatus(_ status: RPCStatus, trailing: Metadata) {
        let sent = SentMetadata(status.trailingMetadata(with: trailing))
        let message = SentText(status.message)
        kept.append(sent)
        kept.append(message)
        add(GRPC_OP_SEND_STATUS_FROM_SERVER) { operation in
            operation.data.send_status_from_server.trailing_metadata_count = sent.count
            operation.data.send_status_from_server.trailing_metadata = sent.pointer
            operation.data.send_status_from_server.status = grpc_status_code(
                rawValue: Int32(status.code.rawValue))
            operation.data.send_status_from_server.status_details = message.pointer
        }
    }

    mutating func receiveInitialMetadata(into array: UnsafeMutablePointer<grpc_metadata_array>) {
        add(GRPC_OP_RECV_INITIAL_METADATA) { $0.data.recv_initial_metadata.recv_initial_metadata = array }
    }

    mutating func receiveMessage(into buffer: UnsafeMutablePointer<UnsafeMutablePointer<grpc_byte_buffer>?>) {
        add(GRPC_OP_RECV_MESSAGE) { $0.data.recv_message.recv_message = buffer }
    }

    mutating func receiveStatus(into memory: UnsafeMutablePointer<casemate_client_call>) {
        let trailing = memory.address(of: \.trailing_metadata)
        let status = memory.address(of: \.status)
        let message = memory.address(of: \.status_message)
        add(GRPC_OP_RECV_STATUS_ON_CLIENT) { operation in
            operation.data.recv_status_on_client.trailing_metadata = trailing
            operation.data.recv_status_on_client.status = status
            operation.data.recv_status_on_client.status_details = message
        }
    }

    mutating func receiveClose(into cancelled: UnsafeMutablePointer<Int32>) {
        add(GRPC_OP_RECV_CLOSE_ON_SERVER) { $0.data.recv_close_on_server.cancelled = cancelled }
    }

    private mutating func add(_ kind: grpc_op_type, flags: UInt32 = 0, _ fill: (inout grpc_op) -> Void) {
        precondition(count < Self.capacity, "a batch of more operations than go together")
        var operation = grpc_op()
        operation.op = kind
        operation.flags = flags
        fill(&operation)
        (operations + count).initialize(to: operation)
        count += 1
    }
}
