// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CGRPC

/// A client's way to one server: connects when first used, and again when the connection breaks.
///
/// All calls may be made at any time from any task. A call whose task is cancelled ends with `CANCELLED`.
public final class Channel: @unchecked Sendable {
    // The core's functions on a channel may be called from any thread.
    private let pointer: OpaquePointer
    private let pollers: Pollers

    /// What the channel leads to, as it was given.
    public let target: String

    /// A channel to `target`, a `host:port` or any other name that the core resolves.
    ///
    /// - Parameter pollers: whose threads take the events; they must outlive the channel's calls.
    public init(
        to target: String, _ configuration: ChannelConfiguration = ChannelConfiguration(),
        pollers: Pollers = .shared
    ) {
        self.target = target
        self.pollers = pollers
        pointer = configuration.credentials.withCore { credentials in
            configuration.arguments().withCore { grpc_channel_create(target, credentials, $0) }
        }
    }

    deinit {
        grpc_channel_destroy(pointer)
    }

    /// Calls an rpc of one request and one response.
    ///
    /// - Throws: ``RPCStatus`` when the call does not end with OK.
    public func call<Request, Response>(
        _ method: Method<CallKind.Unary, Request, Response>, _ request: Request,
        _ options: CallOptions = CallOptions()
    ) async throws -> Response {
        let call = ClientCall(self, method.path, options)
        let message = try await call.exchange(try method.request.encode(request), options)
        return try method.response.decodeResponse(message)
    }

    /// Calls an rpc of one request and many responses.
    ///
    /// - Throws: ``RPCStatus`` only from the responses.
    public func call<Request, Response>(
        _ method: Method<CallKind.ServerStreaming, Request, Response>, _ request: Request,
        _ options: CallOptions = CallOptions()
    ) throws -> ResponseStream<Response> {
        let message = try method.request.encode(request)
        let call = ClientCall(self, method.path, options)
        call.begin(options, with: message)
        return ResponseStream(call, method.response)
    }

    /// Calls an rpc of many requests and one response.
    public func call<Request, Response>(
        _ method: Method<CallKind.ClientStreaming, Request, Response>, _ options: CallOptions = CallOptions()
    ) -> RequestStream<Request, Response> {
        let call = ClientCall(self, method.path, options)
        call.begin(options)
        return RequestStream(call, method)
    }

    /// Calls an rpc of many requests and many responses.
    public func call<Request, Response>(
        _ method: Method<CallKind.Bidirectional, Request, Response>, _ options: CallOptions = CallOptions()
    ) -> (requests: RequestSender<Request>, responses: ResponseStream<Response>) {
        let call = ClientCall(self, method.path, options)
        call.begin(options)
        return (RequestSender(call, method.request), ResponseStream(call, method.response))
    }

    func makeCall(_ path: String, _ options: CallOptions) -> OpaquePointer {
        let path = grpc_slice(path)
        defer { grpc_slice_unref(path) }
        return grpc_channel_create_call(
            pointer, nil, 0, pollers.queue.pointer, path, nil,
            gpr_timespec(in: options.timeout), nil)
    }
}

extension MessageCodec {
    /// The response in `bytes`; a server that sends anything else has failed.
    func decodeResponse(_ bytes: ByteChain) throws -> Message {
        do {
            return try decode(bytes)
        } catch {
            throw RPCStatus(.internal, "Expected an encoded \(Message.self) from the server: \(error)")
        }
    }
}
