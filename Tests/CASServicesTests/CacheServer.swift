// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import Logging
import RemoteAPI
import Synchronization
import Testing

/// All services on a free port over a store in memory, with a channel to them.
final class CacheServer: Sendable {
    let store: MemoryStore
    let health = HealthBoard(services: CacheServices.names)
    let channel: Channel
    /// What the server reported as its own failures.
    let unexpected: Unexpected

    final class Unexpected: Sendable {
        let errors = Mutex<[String]>([])
    }

    private let server: Server
    private let pollers = Pollers(threadCount: 4)

    private init(
        rights: Rights, limits: ServiceLimits, store: MemoryStore,
        over layer: (any BlobStore) -> any BlobStore
    ) throws {
        self.store = store
        let unexpected = Unexpected()
        self.unexpected = unexpected
        let services = CacheServices(
            blobs: layer(store), references: store, results: store, access: AnonymousAccess(rights),
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        server = try Server(
            ServerConfiguration(listeners: [.init(address: "127.0.0.1:0", credentials: .plaintext)]),
            methods: services.methods(health: health), pollers: pollers, mapStatus: RPCStatus.ofServiceError,
            report: { error in unexpected.errors.withLock { $0.append("\(error.path): \(error.error)") } })
        var configuration = ChannelConfiguration()
        configuration.sharesConnections = false
        channel = Channel(to: server.addresses[0], configuration)
    }

    /// Runs `body` with a server; afterwards nothing may have gone wrong that was not `expected`.
    static func run(
        rights: Rights = [.read, .push], limits: ServiceLimits = ServiceLimits(),
        store: MemoryStore = MemoryStore(),
        expectingFailures: Int = 0, over layer: (any BlobStore) -> any BlobStore = { $0 },
        _ body: (CacheServer) async throws -> Void
    ) async throws {
        let cache = try CacheServer(rights: rights, limits: limits, store: store, over: layer)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(cache))
        } catch {
            outcome = .failure(error)
        }
        cache.health.close()
        await cache.server.shutdown(grace: .seconds(0))
        cache.pollers.shutdown()
        let errors = cache.unexpected.errors.withLock { $0 }
        #expect(errors.count == expectingFailures, "\(errors)")
        try outcome.get()
    }

    /// Puts blobs into the store behind the services' back.
    @discardableResult
    func keep(_ contents: Content...) async throws -> [Digest] {
        for result in await store.storeWhole(contents.map { WholeBlob($0.digest, ByteChain($0.bytes)) }) {
            try result.get()
        }
        return contents.map(\.digest)
    }
}

/// The code that the call in `body` ends with.
func code(_ body: () async throws -> Void) async -> RPCStatus.Code {
    do {
        try await body()
        return .ok
    } catch let status as RPCStatus {
        return status.code
    } catch {
        Issue.record("expected a status, found \(error)")
        return .unknown
    }
}

/// Expects the call in `body` to end with `expected`.
func expect(
    _ expected: RPCStatus.Code, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let found = await code(body)
    #expect(found == expected, "\(comment)", sourceLocation: sourceLocation)
}
