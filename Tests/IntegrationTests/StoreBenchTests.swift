// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `casemate bench --store`, with next to no work.
@Suite(.timeLimit(.minutes(5))) struct StoreBenchTests {
    private struct Report: Decodable {
        let suite: String
        let store: String
        let work: String?
        let count: Int
        let unit: String
        let wallSeconds: Double
        let cpuSeconds: Double
        let wallMicroseconds: Double
        let wallRatio: Double?
        let figures: [String: Double]
    }

    private static let everyStore = ["casemate", "file per blob", "SQLite"]

    private func bench(_ folder: TemporaryFolder, _ arguments: String...) async throws -> CasemateCommand {
        try await CasemateCommand.run(["bench", "--store", "place"] + arguments, in: folder.url)
    }

    @Test func `every suite does the work that was asked for in every store, and leaves nothing`()
        async throws
    {
        let folder = try TemporaryFolder()
        let printed = try await bench(folder, "--scale", "0.005", "--json").succeeded()
        let reports = try printed.split(separator: "\n").map {
            try JSONDecoder().decode(Report.self, from: Data($0.utf8))
        }
        func stores(_ suite: String) -> [String] { reports.filter { $0.suite == suite }.map(\.store) }
        func counts(_ suite: String) -> [Int] { reports.filter { $0.suite == suite }.map(\.count) }

        for suite in ["store-put", "store-get", "store-find"] { #expect(stores(suite) == Self.everyStore) }
        #expect(counts("store-put") == [500, 500, 500])
        #expect(counts("store-get") == [500, 500, 500])
        #expect(counts("store-find") == [1000, 1000, 1000])
        #expect(counts("store-barrier") == [5, 5, 16, 16, 256, 256])
        #expect(stores("store-evict") == Self.everyStore)
        #expect(counts("store-evict").dropFirst() == [4096, 4096])
        #expect((3000...6000).contains(counts("store-evict").first ?? 0))
        #expect(counts("store-amplification") == [2 * 8192])
        let openings = reports.filter { $0.suite == "store-open" }
        #expect(
            openings.map(\.work) == [
                "5000 blobs, closed, warm", "5000 blobs, killed, warm", "50000 blobs, closed, warm",
                "50000 blobs, killed, warm",
            ])
        #expect(openings.map { $0.figures["blobs"] } == [5000, 5001, 50_000, 50_001])
        for report in reports {
            #expect(report.wallSeconds > 0 && report.cpuSeconds > 0)
            let wall = report.wallSeconds / Double(report.count) * 1e6
            #expect(abs(report.wallMicroseconds - wall) < 1e-6 * wall)
            let ours = try #require(reports.first { $0.suite == report.suite && $0.work == report.work })
            #expect(ours.store == "casemate")
            #expect(abs((report.wallRatio ?? 0) - report.wallMicroseconds / ours.wallMicroseconds) < 1e-6)
        }
        #expect(try FolderSnapshot(of: folder.url).paths == [])
    }

    @Test func `a directory that is there stays, and one that holds something is not touched`() async throws {
        let folder = try TemporaryFolder()
        let place = try folder.folder("place")
        try await bench(folder, "--scale", "0.001", "--suite", "store-put").succeeded()
        #expect(try FolderSnapshot(of: folder.url).paths == ["place"])
        try Data("mine".utf8).write(to: place.appending(path: "file"))
        let before = try FolderSnapshot(of: folder.url)
        try await bench(folder, "--suite", "store-put").failed(saying: "place", "empty")
        #expect(try FolderSnapshot(of: folder.url).differences(from: before) == [])
    }

    @Test func `an interruption leaves nothing behind`() async throws {
        let folder = try TemporaryFolder()
        let process = try ChildProcess(
            try CasemateProcess.executable(),
            ["bench", "--store", "place", "--suite", "store-put", "--scale", "3"],
            folder: folder.url, output: folder.file("log"))
        while !FileManager.default.fileExists(atPath: folder.file("place/casemate").path) {
            try #require(process.exitStatus == nil, "\(process.printed)")
            try await Task.sleep(for: .milliseconds(10))
        }
        process.signal(SIGINT)
        #expect(try await process.exit(within: .seconds(60)) == .exited(130))
        #expect(process.printed.hasSuffix("casemate: interrupted.\n"))
        #expect(try FolderSnapshot(of: folder.url).paths == ["log"])
    }

    @Test func `options that do not go together are refused`() async throws {
        let folder = try TemporaryFolder()
        let remote = "--remote=grpc://127.0.0.1:1"
        try await bench(folder, remote).refused(saying: "--store", "--remote")
        try await bench(folder, "--suite", "write").refused(saying: "write", "--remote")
        try await bench(folder, "--server-pid", "1").refused(saying: "--server-pid")
        try await bench(folder, "--parallel", "2").refused(saying: "--parallel")
        try await bench(folder, "--suite", "frobnicate").refused(
            saying: "frobnicate", "store-put", "batch-update")
        func ask(_ arguments: String...) async throws -> CasemateCommand {
            try await CasemateCommand.run(["bench"] + arguments, in: folder.url)
        }
        try await ask(remote, "--suite", "store-put").refused(saying: "store-put", "--store")
        try await ask(remote, "--drop-caches").refused(saying: "--drop-caches")
        try await ask().refused(saying: "--remote", "CASEMATE_REMOTE", "--store")
        #expect(try FolderSnapshot(of: folder.url).paths == [])
    }
}
