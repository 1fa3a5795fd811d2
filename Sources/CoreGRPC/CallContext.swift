// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// What a handler knows of its call besides the messages.
public struct CallContext: Sendable {
    private let call: ServerCall

    init(_ call: ServerCall) {
        self.call = call
    }

    /// The path of the rpc, as in `/google.bytestream.ByteStream/Read`.
    public var path: String { call.path }

    /// The headers that the client sent.
    public var metadata: Metadata { Metadata(call.memory.pointee.metadata) }

    /// How long the client waits for the end of the call; nil if it did not say.
    public var timeRemaining: Duration? { call.memory.pointee.deadline.durationFromNow }

    /// The address of the other side in the core's notation, as in `ipv4:127.0.0.1:40312`.
    public var peerAddress: String {
        guard let text = grpc_call_get_peer(call.pointer) else { return "unknown" }
        defer { gpr_free(text) }
        return String(cString: text)
    }
}
