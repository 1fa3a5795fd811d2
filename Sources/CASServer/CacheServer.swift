// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASServices
import CASStore
import CoreGRPC
import Glibc
public import Logging
public import ServiceLifecycle

/// A cache over a directory, listening: configuration in, running server out.
///
/// Run it in a `ServiceGroup`; a graceful shutdown of the group ends it once running calls have ended.
public struct CacheServer: Service {
    private let configuration: CacheServerConfiguration
    private let store: DiskStore
    private let server: Server
    private let pollers: Pollers
    private let health: HealthBoard
    private let logger: Logger

    /// Opens the store and listens.
    ///
    /// - Throws: an error with one sentence, when the store cannot be opened, an address cannot be listened on or the
    ///   address file cannot be written.
    public init(_ configuration: CacheServerConfiguration, logger: Logger) throws {
        Self.raiseDescriptorLimit()
        self.configuration = configuration
        self.logger = logger
        store = try DiskStore.open(configuration.store, logger: logger)
        health = HealthBoard(services: CacheServices.names)
        pollers = Pollers(threadCount: configuration.threadCount)
        do {
            server = try Self.listen(configuration, store, health, pollers, logger)
        } catch {
            store.close()
            throw error
        }
    }

    /// Serves until the group shuts down gracefully, then stops as ``CacheServerConfiguration/shutdownGrace`` says.
    public func run() async throws {
        do {
            try announce()
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await gracefulShutdown() }
                tasks.addTask { try await watchWritability() }
                try await tasks.next()
                tasks.cancelAll()
            }
        } catch {
            await stop()
            throw error
        }
        logger.info("Stopping.", metadata: ["calls": "\(server.runningCalls)"])
        await stop()
        logger.info("Stopped.")
    }

    /// Lets the health say whether the store takes writes, until it is cancelled.
    private func watchWritability() async throws {
        var last = Writability.writable
        while true {
            try await Task.sleep(for: configuration.writabilityInterval)
            let now = store.checkWritability()
            guard now != last else { continue }
            last = now
            switch now {
            case .writable:
                health.setAll(.serving)
                logger.notice("The store takes writes again.")
            case .readOnly(let reason):
                health.setAll(.notServing)
                logger.error("The store takes no writes.", metadata: ["reason": "\(reason)"])
            }
        }
    }

    private func announce() throws {
        health.setAll(.serving)
        if let path = configuration.addressFile { try AddressFile(path: path).write(server.addresses) }
        let figures = store.figures
        logger.notice(
            "Ready: serving \(configuration.store.root) on \(server.addresses.joined(separator: ", ")).",
            metadata: [
                "push": "\(configuration.anonymousMayPush)", "blobs": "\(figures.blobs)",
                "bytes": "\(figures.usedBytes)",
            ])
    }

    private func stop() async {
        health.setAll(.notServing)
        health.close()
        await server.shutdown(grace: configuration.shutdownGrace)
        pollers.shutdown()
        store.close()
    }

    private static func listen(
        _ configuration: CacheServerConfiguration, _ store: DiskStore, _ health: HealthBoard,
        _ pollers: Pollers,
        _ logger: Logger
    ) throws -> Server {
        let services = CacheServices(
            blobs: store, references: store, results: store,
            access: AnonymousAccess(configuration.anonymousMayPush ? [.read, .push] : .read), logger: logger)
        // Why an address cannot be listened on is in the error; the core's own account of it would be a second one.
        Core.log(to: nil)
        let server = try Server(
            configuration.network, methods: services.methods(health: health), pollers: pollers,
            mapStatus: RPCStatus.ofServiceError
        ) { unexpected in
            logger.error(
                "Internal error \(unexpected.number).",
                metadata: ["rpc": "\(unexpected.path)", "error": "\(unexpected.error)"])
        }
        Core.log { logger.warning("The gRPC core: \($0.message)") }
        return server
    }

    /// Lets the process have as many files and connections open as the system allows it.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
