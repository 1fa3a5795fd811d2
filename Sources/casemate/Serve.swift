// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk
import CASServer
import Logging
import ServiceLifecycle
import UnixSignals

/// `casemate serve`: runs the server until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a cache from a directory.",
        discussion: """
            Keeps blobs, references and action results in one directory and serves them over gRPC. Says so in one \
            line on standard error when it is ready; SIGTERM and SIGINT stop it once running calls have ended.

            Example, for the machines of a team, with at most 50 GiB on disk:

                casemate serve --root /var/lib/casemate --listen 0.0.0.0:11001 --max-size 50G
            """)

    @OptionGroup var store: StoreRoot

    @Option(
        help: ArgumentHelp(
            "An address to listen on; port 0 takes a free one. May be given several times.",
            discussion: "The default is \(CacheServerConfiguration.defaultAddress).", valueName: "host:port"),
        transform: { try CacheServerConfiguration.address($0) })
    var listen: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether everybody may push, or only pull.")
    var push = true

    @Option(
        help: ArgumentHelp(
            "How much disk the store may take: a number with K, M, G or T, powers of 1024.", valueName: "size"
        ))
    var maxSize: ByteCount?

    @Option(
        help: ArgumentHelp(
            "How much of its file system the store leaves free, evicting what was not used lately.",
            valueName: "size"))
    var minFree: ByteCount?

    @Option(
        help: ArgumentHelp(
            "How long a blob stays at least after it was used: a number with s, m, h or d.",
            valueName: "time"))
    var minAge: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "What survives a loss of power: reference, always or none.",
            discussion: """
                reference: references and action results, with every blob stored before them; always: every blob \
                by itself, too; none: what was stored until the last checkpoint.
                """, valueName: "mode"),
        transform: {
            guard let mode = Durability(rawValue: $0) else {
                throw ValidationError("Expected reference, always or none, found “\($0)”.")
            }
            return mode
        })
    var durability = Durability.reference

    @Option(
        help: ArgumentHelp(
            "How many bytes a second are read to verify what is stored, beside requests; 0 for none.",
            discussion: "The default is 4M.", valueName: "size"),
        transform: {
            if $0 == "0" { return 0 }
            guard let count = ByteCount(argument: $0) else {
                throw ValidationError("Expected a number with K, M, G or T, or 0, found “\($0)”.")
            }
            return count.bytes
        })
    var scrubRate: Int?

    @Option(help: ArgumentHelp("A file to write one host:port a line to, when ready.", valueName: "file"))
    var addressFile: String?

    @Flag(help: "Keep everything in a temporary directory, and end when standard input closes.")
    var ephemeral = false

    func validate() throws {
        guard !(ephemeral && store.root != nil) else {
            throw ValidationError("--ephemeral makes a root of its own; leave out --root.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let temporary = ephemeral ? try TemporaryRoot() : nil
        defer { temporary?.remove() }
        try await serve(configuration(root: temporary?.path ?? store.path))
    }

    private func serve(_ configuration: CacheServerConfiguration) async throws {
        let server = try CacheServer(configuration, logger: Logger(label: "casemate"))
        // What the group itself has to say is about services; a server of one has nothing to add.
        let quiet = Logger(label: "casemate.lifecycle") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(
            services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        guard ephemeral else { return try await group.run() }
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            StandardInput.whenClosed { Task { await group.triggerGracefulShutdown() } }
            try await tasks.waitForAll()
        }
    }

    private func configuration(root: String) -> CacheServerConfiguration {
        let addresses = listen.isEmpty ? [CacheServerConfiguration.defaultAddress] : listen
        var configuration = CacheServerConfiguration(root: root, addresses: addresses)
        configuration.maximumSize = maxSize?.bytes
        configuration.store.eviction.minimumFree = minFree?.bytes
        configuration.store.eviction.minimumAge = minAge?.duration ?? .zero
        configuration.store.durability = durability
        if let scrubRate { configuration.store.scrubBytesPerSecond = scrubRate > 0 ? scrubRate : nil }
        configuration.anonymousMayPush = push
        configuration.addressFile = addressFile
        return configuration
    }
}
