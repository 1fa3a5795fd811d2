// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// How a server treats connections, messages and memory.
public struct ServerConfiguration: Sendable {
    /// An address to listen on.
    public struct Listener: Sendable {
        /// `host:port`, with port 0 for a free one.
        public var address: String
        /// What is asked of those who connect here.
        public var credentials: ServerCredentials

        /// A listener of these parts.
        public init(address: String, credentials: ServerCredentials) {
            self.address = address
            self.credentials = credentials
        }

        /// Checks that `address` has the form of one.
        ///
        /// - Throws: ``Server/ListenError`` that says which form was expected.
        public static func check(_ address: String) throws {
            _ = try ListenAddress(address)
        }
    }

    /// Where to listen.
    public var listeners: [Listener]

    /// The longest message taken, in bytes: room for a FindMissingBlobs of 200,000 digests (PROTOCOL.md F1).
    public var maximumMessageSize = 32 << 20

    /// The most calls at once on one connection; clients put hundreds on one (PROTOCOL.md §9).
    public var maximumConcurrentStreams = 1024

    /// How long a connection may be quiet before the server asks whether the other side is still there.
    public var keepaliveInterval = Duration.seconds(60)

    /// How long the answer to that may take.
    public var keepaliveTimeout = Duration.seconds(20)

    /// How often a client may ask the same; more often is abuse, and ends the connection.
    public var minimumPingInterval = Duration.seconds(10)

    /// How long a connection without calls is kept; nil for as long as the client likes.
    public var maximumConnectionIdle: Duration?

    /// How long a connection is kept at all; nil for as long as the client likes.
    public var maximumConnectionAge: Duration?

    /// How long the calls of a connection that is too old may go on.
    public var maximumConnectionAgeGrace = Duration.seconds(60)

    /// How many bytes the core may hold for all connections together before it reads more slowly.
    public var memoryQuota = 256 << 20

    /// How far the core reads ahead of the handler on one stream, in bytes (measured, DESIGN.md §1).
    public var lookahead = 1 << 20

    /// The longest HTTP/2 frame taken, in bytes: fewer, longer frames cost less per byte.
    public var maximumFrameSize = 1 << 20

    /// Whether another process may listen on the same port at once.
    public var reusesPort = false

    /// A configuration with the defaults above.
    public init(listeners: [Listener]) {
        self.listeners = listeners
    }

    func arguments(quota: OpaquePointer) -> ChannelArguments {
        var arguments = ChannelArguments()
        arguments.set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, maximumMessageSize)
        arguments.set(GRPC_ARG_MAX_CONCURRENT_STREAMS, maximumConcurrentStreams)
        arguments.set(GRPC_ARG_KEEPALIVE_TIME_MS, keepaliveInterval)
        arguments.set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepaliveTimeout)
        arguments.set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, true)
        arguments.set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, minimumPingInterval)
        if let maximumConnectionIdle {
            arguments.set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, maximumConnectionIdle)
        }
        if let maximumConnectionAge {
            arguments.set(GRPC_ARG_MAX_CONNECTION_AGE_MS, maximumConnectionAge)
            arguments.set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, maximumConnectionAgeGrace)
        }
        arguments.set(GRPC_ARG_HTTP2_BDP_PROBE, false)
        arguments.set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, lookahead)
        arguments.set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, maximumFrameSize)
        arguments.set(GRPC_ARG_ALLOW_REUSEPORT, reusesPort)
        // Introspection of the core that nothing here reads; it costs memory for every connection and call.
        arguments.set(GRPC_ARG_ENABLE_CHANNELZ, false)
        arguments.set(quota: quota)
        return arguments
    }
}
