// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASClient
import CASModel
import CASServices
import CASStore
import CoreGRPC
import Logging

/// A server on a free port, with its store at hand.
final class TestServer: Sendable {
    let store: MemoryStore
    private let server: Server
    private let pollers: Pollers

    private init(_ store: MemoryStore, _ methods: MethodTable) throws {
        self.store = store
        pollers = Pollers(threadCount: 4)
        server = try Server(
            ServerConfiguration(listeners: [.init(address: "127.0.0.1:0", credentials: .plaintext)]),
            methods: methods, pollers: pollers, mapStatus: RPCStatus.ofServiceError, report: { _ in })
    }

    /// Runs `body` with a server of a store in memory, which is gone afterwards.
    static func run(
        rights: Rights = [.read, .push], limits: ServiceLimits = ServiceLimits(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let store = MemoryStore()
        let services = CacheServices(
            blobs: store, references: store, results: store, access: AnonymousAccess(rights), limits: limits,
            logger: Logger(label: "test"))
        try await run(services.methods(health: HealthBoard(services: CacheServices.names)), store, body)
    }

    /// Runs `body` with a server that offers `methods` only.
    static func run(
        _ methods: MethodTable, _ store: MemoryStore = MemoryStore(),
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let test = try TestServer(store, methods)
        do {
            try await body(test)
        } catch {
            await test.stop()
            throw error
        }
        await test.stop()
    }

    private func stop() async {
        await server.shutdown(grace: .zero)
        pollers.shutdown()
    }

    /// How many bytes the store keeps.
    var usedBytes: Int { store.usedBytes }

    /// A new connection to it.
    func connect(
        instance: String = "", _ change: (inout RemoteConfiguration) -> Void = { _ in }
    ) async throws -> Remote {
        var configuration = RemoteConfiguration()
        change(&configuration)
        return try await Remote.connect(
            to: RemoteURL("grpc://\(server.addresses[0])"), instance: InstanceName(instance), configuration)
    }

    /// Puts `content` into the store; returns its digest.
    func keep(_ content: Bytes) async throws -> Digest {
        let digest = try Digest.of(content)
        for result in await store.storeWhole([WholeBlob(digest, ByteChain(content))]) { try result.get() }
        return digest
    }
}
