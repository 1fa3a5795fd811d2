// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk
import CASServer
import Foundation
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

    @Option(help: ArgumentHelp("The directory of the store; made if it is not there.", valueName: "dir"))
    var root: String?

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

    @Option(help: ArgumentHelp("A file to write one host:port a line to, when ready.", valueName: "file"))
    var addressFile: String?

    @Flag(help: "Keep everything in a temporary directory, and end when standard input closes.")
    var ephemeral = false

    func validate() throws {
        guard !(ephemeral && root != nil) else {
            throw ValidationError("--ephemeral makes a root of its own; leave out --root.")
        }
        guard root != "" else {
            throw ValidationError("Expected a directory after --root, found an empty path.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let temporary = ephemeral ? try TemporaryRoot() : nil
        defer { temporary?.remove() }
        try await serve(configuration(root: temporary?.path ?? root ?? Self.defaultRoot))
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
        configuration.anonymousMayPush = push
        configuration.addressFile = addressFile
        return configuration
    }

    /// Where the XDG Base Directory Specification puts the data of a user's programs.
    private static var defaultRoot: String {
        let environment = ProcessInfo.processInfo.environment
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/casemate" }
        // Not `NSHomeDirectory` first: it asks the user database, whatever the environment says.
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share/casemate"
    }
}
