// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct BenchTests {
    private struct Report: Decodable {
        let suite: String
        let streams: Int
        let bytes: Int
        let calls: Int
        let entries: Int
        let serverCPUSeconds: Double?
        let serverPeakResidentBytes: Int?
    }

    private static let limit = Duration.seconds(120)

    @Test func `every suite does the work that was asked for`() async throws {
        let folder = try TemporaryFolder()
        let server = try await CasemateProcess.start(
            root: folder.file("store"), log: folder.file("server.log"))
        let arguments = ["--scale", "0.001", "--json", "--server-pid", "\(server.identifier)"]
        let reports = try await bench(server, folder, arguments)

        #expect(
            reports.map(\.suite) == [
                "read", "write", "unary", "batch-update", "batch-read", "find-missing", "concurrent",
            ])
        let work = Dictionary(uniqueKeysWithValues: reports.map { ($0.suite, $0) })
        #expect(work["read"]?.bytes == 1_073_741)
        #expect(work["read"]?.streams == 1)
        #expect(work["write"]?.bytes == 1_073_741)
        #expect(work["unary"]?.calls == 40)
        #expect(work["batch-update"]?.entries == 65)
        #expect(work["batch-update"]?.bytes == 65 * 4096)
        #expect(work["batch-read"]?.entries == 262)
        #expect(work["batch-read"]?.bytes == 262 * 4096)
        #expect(work["find-missing"]?.calls == 8)
        #expect(work["find-missing"]?.entries == 8 * 512)
        #expect(work["concurrent"]?.calls == 128)
        #expect(work["concurrent"]?.bytes == 128 * 268_435)
        for report in reports {
            #expect(report.serverCPUSeconds != nil)
            #expect(report.serverPeakResidentBytes ?? 0 > 0)
        }
        #expect(try await server.stop() == .exited(0))
    }

    @Test func `each of the parallel streams does the work of one`() async throws {
        let folder = try TemporaryFolder()
        let server = try await CasemateProcess.start(
            root: folder.file("store"), log: folder.file("server.log"))
        let arguments = [
            "--scale", "0.01", "--json", "--parallel", "3", "--suite", "read", "--suite", "write",
        ]
        let reports = try await bench(server, folder, arguments)

        #expect(reports.map(\.suite) == ["read", "write"])
        #expect(reports.map(\.streams) == [3, 3])
        #expect(reports.map(\.bytes) == [3 * 10_737_418, 3 * 10_737_418])
        #expect(reports.map(\.serverCPUSeconds) == [nil, nil])
    }

    @Test func `a server that may not be written to is one line and status 1`() async throws {
        let folder = try TemporaryFolder()
        let server = try await CasemateProcess.start(
            root: folder.file("store"), log: folder.file("server.log"), arguments: ["--no-push"])
        let result = try await run(server, folder, ["--suite", "write", "--json", "--scale", "0.001"])
        #expect(result.status == .exited(1))
        #expect(result.output.hasPrefix("casemate: The suite write failed. "))
        #expect(result.output.contains("PERMISSION_DENIED"))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    private func bench(
        _ server: CasemateProcess, _ folder: TemporaryFolder, _ arguments: [String]
    ) async throws -> [Report] {
        let output = try await run(server, folder, arguments).succeeded().output
        return try output.split(separator: "\n").map {
            try JSONDecoder().decode(Report.self, from: Data($0.utf8))
        }
    }

    private func run(
        _ server: CasemateProcess, _ folder: TemporaryFolder, _ arguments: [String]
    ) async throws -> CommandResult {
        try await ChildProcess.run(
            try CasemateProcess.executable(), ["bench", "--remote", "grpc://\(server.address)"] + arguments,
            folder: folder.url, output: folder.file("bench.log"), timeout: Self.limit)
    }
}
