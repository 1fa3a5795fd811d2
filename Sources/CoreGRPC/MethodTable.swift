// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Decides whether a call may go on, before any argument is looked at; throws when it may not.
public typealias Admission = @Sendable (CallContext) throws -> Void

/// The rpcs that a server offers, each with the function that handles it.
public struct MethodTable: Sendable {
    /// What a call of one rpc runs: reads requests, sends responses, and returns when all but an OK status is sent.
    typealias Handler = @Sendable (ServerCall) async throws -> Void

    struct Entry: Sendable {
        let path: String
        /// Whether the one request comes together with the call.
        let hasOneRequest: Bool
        let handler: Handler
    }

    private(set) var entries: [Entry] = []

    /// An empty table.
    public init() {}

    /// The paths of all rpcs in it, in the order they were added.
    public var paths: [String] { entries.map(\.path) }

    /// Adds an rpc of one request and one response.
    public mutating func add<Request, Response>(
        _ method: Method<CallKind.Unary, Request, Response>, admitting admission: @escaping Admission,
        _ handler: @escaping @Sendable (Request, CallContext) async throws -> Response
    ) {
        add(method, hasOneRequest: true) { call in
            try admission(call.context)
            let request = try method.request.decodeRequest(try await call.receiveOnly())
            let response = try await handler(request, call.context)
            call.end(.ok, with: try method.response.encode(response))
        }
    }

    /// Adds an rpc of one request and many responses.
    public mutating func add<Request, Response>(
        _ method: Method<CallKind.ServerStreaming, Request, Response>,
        admitting admission: @escaping Admission,
        _ handler: @escaping @Sendable (Request, ResponseWriter<Response>, CallContext) async throws -> Void
    ) {
        add(method, hasOneRequest: true) { call in
            try admission(call.context)
            let request = try method.request.decodeRequest(try await call.receiveOnly())
            try await handler(request, ResponseWriter(call, method.response), call.context)
            call.end(.ok)
        }
    }

    /// Adds an rpc of many requests and one response.
    public mutating func add<Request, Response>(
        _ method: Method<CallKind.ClientStreaming, Request, Response>,
        admitting admission: @escaping Admission,
        _ handler: @escaping @Sendable (RequestReader<Request>, CallContext) async throws -> Response
    ) {
        add(method, hasOneRequest: false) { call in
            try admission(call.context)
            let response = try await handler(RequestReader(call, method.request), call.context)
            call.end(.ok, with: try method.response.encode(response))
        }
    }

    /// Adds an rpc of many requests and many responses.
    public mutating func add<Request, Response>(
        _ method: Method<CallKind.Bidirectional, Request, Response>, admitting admission: @escaping Admission,
        _ handler:
            @escaping @Sendable (RequestReader<Request>, ResponseWriter<Response>, CallContext) async throws
            -> Void
    ) {
        add(method, hasOneRequest: false) { call in
            try admission(call.context)
            let writer = ResponseWriter(call, method.response)
            try await handler(RequestReader(call, method.request), writer, call.context)
            call.end(.ok)
        }
    }

    private mutating func add<Kind, Request, Response>(
        _ method: Method<Kind, Request, Response>, hasOneRequest: Bool, _ handler: @escaping Handler
    ) {
        precondition(!paths.contains(method.path), "\(method.path) is offered twice")
        entries.append(Entry(path: method.path, hasOneRequest: hasOneRequest, handler: handler))
    }
}

extension MessageCodec {
    /// The request in `bytes`; a client that sends anything else is told so.
    func decodeRequest(_ bytes: ByteChain) throws -> Message {
        do {
            return try decode(bytes)
        } catch let status as RPCStatus {
            throw status
        } catch {
            throw RPCStatus(.invalidArgument, "Expected an encoded \(Message.self): \(error)")
        }
    }
}
