// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CoreGRPC

/// `casemate bench`
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast a server is, and what it costs.",
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

            With --server-pid, of a server on this machine, its CPU time and memory are reported too.

            Example, for a server with the process id 4711, ten times smaller than usual:

              casemate bench --remote grpc://127.0.0.1:11001 --server-pid 4711 --scale 0.1
            """)

    @OptionGroup var server: RemoteOptions

    @Option(
        help: ArgumentHelp("A suite to run; may be given several times. Default: all.", valueName: "name"))
    var suite: [BenchSuiteName] = []

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

    @Flag(help: "Print one JSON object a line instead of a table.")
    var json = false

    func validate() throws {
        guard scale > 0, scale <= 1000 else {
            throw ValidationError("Expected a scale above 0 and up to 1000, found \(scale).")
        }
        guard (1...1000).contains(parallel ?? 1) else {
            throw ValidationError("Expected --parallel from 1 to 1000, found \(parallel ?? 1).")
        }
    }

    func run() async throws {
        try await Interruption.cancelling {
            try await withTaskExecutorPreference(Pollers.shared.taskExecutor) { try await measure() }
        }
    }

    private func measure() async throws {
        let clock = BenchClock(server: try serverPid.map { try ServerProcess($0) })
        let target = BenchTarget(try await server.connect())
        let printer = BenchPrinter(style: json ? .json : .table)
        printer.start()
        for name in suite.isEmpty ? BenchSuiteName.allCases : suite {
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
