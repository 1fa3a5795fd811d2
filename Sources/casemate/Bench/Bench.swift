// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CoreGRPC

/// `casemate bench`
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast a server is, or the disk store, and what it costs.",
        discussion: """
            Speaks plain Remote Execution API, so the server may be any. It writes blobs that no server has seen, up to \
            20 GiB of them with all suites at full scale, and removes none. What is read is checked; hashing is not in \
            the times.

              read          ByteStream Read of 1 GiB that was just read before
              write         ByteStream Write of a fresh 1 GiB blob
              unary         calls that do next to nothing: a health check, or GetCapabilities
              batch-update  BatchUpdateBlobs, fresh blobs of 4 KiB, in batches as large as announced
              batch-read    BatchReadBlobs, blobs of 4 KiB
              find-missing  FindMissingBlobs, 512 digests a call, half of them there
              concurrent    64 uploads and 64 downloads of 256 MiB at once: see the server's memory

            With --store DIR instead of a server it measures the disk store itself, in a directory that is empty or not there, \
            which is left as it was; beside it a file per blob and SQLite do the same work. It takes up to 5 GiB of disk:

              store-put            fresh blobs of 4 KiB, hashed and stored, 256 at once
              store-get            reading them in a random order
              store-find           asking which are missing, half of them
              store-barrier        updating references that must be on the disk, by 1, 16 and 256 at once
              store-evict          removing the older half of all blobs
              store-amplification  how much is written for what is stored while a full store evicts
              store-open           opening stores of a million and of ten million blobs, after a stop and after a kill

            With --server-pid, of a server on this machine, its CPU time and memory are reported too.

            Example, for a server with the process id 4711, ten times smaller than usual:

              casemate bench --remote grpc://127.0.0.1:11001 --server-pid 4711 --scale 0.1

            and for the store, in a directory on the disk that counts:

              casemate bench --store /var/tmp/bench --suite store-put --suite store-get
            """)

    @OptionGroup var place: BenchPlace

    @Option(
        help: ArgumentHelp("A suite to run; may be given several times. Default: all.", valueName: "name"))
    var suite: [NamedSuite] = []

    @Option(
        help: ArgumentHelp(
            "The server's process on this machine, to report its CPU time and memory.", valueName: "pid"))
    var serverPid: Int32?

    @Option(help: ArgumentHelp("What sizes and counts are multiplied by.", valueName: "factor"))
    var scale = 1.0

    @Option(
        help: ArgumentHelp(
            "How many calls at once, each over a connection of its own. Default: 1 for read and write, 4 for others.",
            valueName: "number"))
    var parallel: Int?

    @Flag(
        help: ArgumentHelp(
            "Also open stores with nothing of them in memory. Needs root, and slows down everything else for a while."
        ))
    var dropCaches = false

    @Flag(help: "Print one JSON object a line instead of a table.")
    var json = false

    func validate() throws {
        guard scale > 0, scale <= 1000 else {
            throw ValidationError("Expected a scale above 0 and up to 1000, found \(scale).")
        }
        guard (1...1000).contains(parallel ?? 1) else {
            throw ValidationError("Expected --parallel from 1 to 1000, found \(parallel ?? 1).")
        }
        switch place.kind {
        case .store:
            guard serverPid == nil, parallel == nil else {
                throw ValidationError(
                    "--server-pid and --parallel are about a server; with --store there is none.")
            }
            try refuse(NamedSuite.remoteNames(in: suite).map(\.rawValue), option: "--remote")
        case .server:
            guard !dropCaches else {
                throw ValidationError("--drop-caches is about stores; it needs --store.")
            }
            try refuse(NamedSuite.storeNames(in: suite).map(\.rawValue), option: "--store")
        }
    }

    private func refuse(_ names: [String], option: String) throws {
        guard let name = names.first else { return }
        throw ValidationError("The suite \(name) needs \(option).")
    }

    func run() async throws {
        switch place.kind {
        case .store(let path): try await Interruption.cancelling { try await measureStore(in: path) }
        case .server(let url):
            try await Interruption.cancelling {
                try await withTaskExecutorPreference(Pollers.shared.taskExecutor) {
                    try await measureServer(at: url)
                }
            }
        }
    }

    private func measureStore(in path: String) async throws {
        let folder = try BenchFolder(path)
        defer { folder.close() }
        let plan = StorePlan(scale: scale, emptiesCaches: dropCaches)
        let names = NamedSuite.storeNames(in: suite)
        try await StoreBench(folder: folder, plan: plan, printer: printer).run(
            names.isEmpty ? StoreSuiteName.allCases : names)
    }

    private var printer: BenchPrinter { BenchPrinter(style: json ? .json : .table) }

    private func measureServer(at url: RemoteURL) async throws {
        let clock = BenchClock(server: try serverPid.map { try ServerProcess($0) })
        let target = BenchTarget(try await Remote.connect(to: url, instance: place.instance))
        printer.start()
        let names = NamedSuite.remoteNames(in: suite)
        for name in names.isEmpty ? BenchSuiteName.allCases : names {
            try printer.show(try await measure(name, target, clock))
        }
    }

    private func measure(
        _ name: BenchSuiteName, _ target: BenchTarget, _ clock: BenchClock
    ) async throws -> BenchReport {
        let suite = name.suite(BenchPlan(scale: scale, parallel: parallel))
        do {
            let times = try await clock.time(try await suite.prepare(target))
            return BenchReport(name, streams: suite.streams, suite.unit, times)
        } catch let status as RPCStatus {
            try Task.checkCancellation()
            throw BenchFailure("The suite \(name.rawValue) failed. The server answered \(status)")
        }
    }
}
