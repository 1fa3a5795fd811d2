// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// How a channel treats its connection and messages.
public struct ChannelConfiguration: Sendable {
    /// Who the server must prove to be, and who the client proves to be.
    public var credentials = ChannelCredentials.plaintext

    /// The longest message taken, in bytes.
    public var maximumMessageSize = 32 << 20

    /// How long the connection may be quiet during a call before the client asks whether the server is still there.
    public var keepaliveInterval = Duration.seconds(60)

    /// How long the answer to that may take.
    public var keepaliveTimeout = Duration.seconds(20)

    /// The longest wait between two attempts to connect.
    public var maximumReconnectBackoff = Duration.seconds(10)

    /// How far the core reads ahead of the caller on one stream, in bytes.
    public var lookahead = 1 << 20

    /// The longest HTTP/2 frame taken, in bytes: fewer, longer frames cost less per byte.
    public var maximumFrameSize = 1 << 20

    /// Whether the connection may be shared with other channels of this process to the same address.
    public var sharesConnections = true

    /// What the client calls itself in front of the core's own name.
    public var userAgent = "casemate"

    /// A configuration with the defaults above.
    public init() {}

    func arguments() -> ChannelArguments {
        var arguments = ChannelArguments()
        arguments.set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, maximumMessageSize)
        arguments.set(GRPC_ARG_KEEPALIVE_TIME_MS, keepaliveInterval)
        arguments.set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepaliveTimeout)
        arguments.set(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, maximumReconnectBackoff)
        arguments.set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, lookahead)
        arguments.set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, maximumFrameSize)
        // Windows that grow with the bandwidth hold 200 MiB of a few fast downloads; the lookahead says what to hold.
        arguments.set(GRPC_ARG_HTTP2_BDP_PROBE, false)
        arguments.set(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, !sharesConnections)
        arguments.set(GRPC_ARG_PRIMARY_USER_AGENT_STRING, userAgent)
        // Whoever calls decides what is tried again: the core would keep copies of what was sent.
        arguments.set(GRPC_ARG_ENABLE_RETRIES, false)
        arguments.set(GRPC_ARG_ENABLE_CHANNELZ, false)
        return arguments
    }
}
