// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Glibc
internal import Synchronization

/// A gRPC server over the C core.
///
/// Made and started in one step, so that there is no server that is not yet listening. It stops with ``shutdown(grace:)``,
/// which must be called before the last reference is dropped.
public final class Server: Sendable {
    /// An error that a handler threw and nobody had a status for.
    public struct UnexpectedError: Sendable {
        /// Its number in this server's life, which the client was told.
        public let number: Int
        /// The rpc whose handler threw it.
        public let path: String
        /// What was thrown.
        public let error: any Error
    }

    /// Why a server cannot listen on an address.
    public struct ListenError: Error, CustomStringConvertible {
        /// The address that was asked for.
        public let address: String
        /// What the system says about it.
        public let reason: String
        /// One sentence with both.
        public var description: String { "Cannot listen on \(address): \(reason)." }
    }

    /// The addresses listened on, in the order of the configuration, with the port that 0 became.
    public let addresses: [String]

    private let calls: ServerCalls
    private let origin: CallRequest.Origin
    private let isStopping = Mutex(false)

    /// Listens and serves the rpcs of `methods`.
    ///
    /// - Parameters:
    ///   - pollers: whose threads take the calls; they must outlive the server.
    ///   - mapStatus: names the status of an error that handlers throw; nil for one that they should not.
    ///   - report: told of errors that `mapStatus` has no status for.
    /// - Throws: ``ListenError`` for the first address that cannot be listened on.
    public init(
        _ configuration: ServerConfiguration, methods: MethodTable, pollers: Pollers,
        mapStatus: @escaping @Sendable (any Error) -> RPCStatus? = { _ in nil },
        report: @escaping @Sendable (UnexpectedError) -> Void
    ) throws {
        let server = Self.make(configuration)
        grpc_server_register_completion_queue(server, pollers.queue.pointer, nil)
        let targets = methods.entries.map { entry in
            CallRequest.Target(registration: Self.register(entry, on: server), entry: entry)
        }
        calls = ServerCalls(mapStatus: mapStatus, report: report)
        origin = CallRequest.Origin(server: server, pollers: pollers, calls: calls)
        do {
            addresses = try configuration.listeners.map { try Self.listen($0, on: server) }
        } catch {
            grpc_server_shutdown_and_notify(server, pollers.queue.pointer, KeepingTag(keeping: []).handOver())
            grpc_server_destroy(server)
            throw error
        }
        grpc_server_start(server)
        for target in targets + [nil] {
            // One request waits for each thread, so that no call waits for another one's arrival to be noticed.
            for _ in 0..<pollers.threadCount { CallRequest(origin, target).start() }
        }
    }

    deinit {
        precondition(isStopping.withLock { $0 }, "a server must be shut down before it is forgotten")
        grpc_server_destroy(origin.server)
    }

    /// How many calls are being handled.
    public var runningCalls: Int { calls.count }

    /// Stops listening, lets calls go on for `grace`, cancels those that are left, and returns when all have ended.
    ///
    /// A second call of it returns at once.
    public func shutdown(grace: Duration) async {
        let isFirst = isStopping.withLock { stopping in
            defer { stopping = true }
            return !stopping
        }
        guard isFirst else { return }
        let deadline = Task { [origin] in
            try await Task.sleep(for: grace)
            grpc_server_cancel_all_calls(origin.server)
        }
        _ = await withUnsafeContinuation { continuation in
            let tag = ResumingTag(continuation, keeping: [self])
            grpc_server_shutdown_and_notify(origin.server, origin.pollers.queue.pointer, tag.handOver())
        }
        // The core is done with all calls; a handler that was cancelled may not have noticed yet.
        await calls.untilNoneIsLeft()
        deadline.cancel()
        // A cancel of all calls that has begun must not meet a server that is destroyed.
        _ = await deadline.result
    }

    private static func make(_ configuration: ServerConfiguration) -> OpaquePointer {
        Core.start()
        let quota = grpc_resource_quota_create("server")!
        defer { grpc_resource_quota_unref(quota) }
        grpc_resource_quota_resize(quota, configuration.memoryQuota)
        return configuration.arguments(quota: quota).withCore { grpc_server_create($0, nil) }
    }

    private static func register(_ entry: MethodTable.Entry, on server: OpaquePointer)
        -> UnsafeMutableRawPointer
    {
        let handling = entry.hasOneRequest ? GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER : GRPC_SRM_PAYLOAD_NONE
        let registration = grpc_server_register_method(server, entry.path, nil, handling, 0)
        precondition(registration != nil, "\(entry.path) is offered twice")
        return registration!
    }

    private static func listen(_ listener: ServerConfiguration.Listener, on server: OpaquePointer) throws
        -> String
    {
        let address = try ListenAddress(listener.address)
        let port = listener.credentials.withCore { grpc_server_add_http2_port(server, listener.address, $0) }
        guard port != 0 else {
            throw ListenError(address: listener.address, reason: address.reasonNotToListen())
        }
        return address.with(port: Int(port))
    }
}
