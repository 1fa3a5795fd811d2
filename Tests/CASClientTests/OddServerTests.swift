// SPDX-License-Identifier: Apache-2.0

import CASClient
import CASModel
import Foundation
import Testing

@Suite struct OddServerTests {
    private static let large = [UInt8](repeating: 5, count: 3_000_000)

    private static func run(
        _ oddities: OddServer.Oddities,
        _ body: (OddServer, Remote, TemporaryFolder) async throws -> Void
    ) async throws {
        let odd = OddServer(oddities)
        try await TestServer.run(odd.methods) { server in
            let folder = try TemporaryFolder()
            try folder.write([1, 2, 3], to: "in/a/small")
            try folder.write([4], to: "in/b/tiny")
            try folder.write(large, to: "in/large")
            try await body(odd, try await server.connect { $0.retries.firstDelay = .milliseconds(1) }, folder)
        }
    }

    private static func expectRoundTrip(_ remote: Remote, _ folder: TemporaryFolder) async throws
        -> PushSummary
    {
        let summary = try await remote.push(folder.path("in"))
        _ = try await remote.pull(summary.root, to: folder.path("out"))
        #expect(TreeSnapshot(of: folder.path("out")) == TreeSnapshot(of: folder.path("in")))
        return summary
    }

    @Test func `an old server with nothing but ByteStream and FindMissing serves both ways`() async throws {
        var oddities = OddServer.Oddities()
        oddities.isOld = true
        try await Self.run(oddities) { _, remote, folder in
            #expect(remote.capabilities == .unannounced)
            _ = try await Self.expectRoundTrip(remote, folder)
            #expect(try await remote.push(folder.path("in")).uploadedBlobs == 0)
        }
    }

    @Test func `batches may be answered in any order, and without GetTree`() async throws {
        try await Self.run(OddServer.Oddities()) { _, remote, folder in
            let summary = try await Self.expectRoundTrip(remote, folder)
            #expect(summary.uploadedBlobs == 6)
        }
    }

    @Test func `a server that is unavailable at times is asked again`() async throws {
        var oddities = OddServer.Oddities()
        oddities.failuresAtFirst = 2
        try await Self.run(oddities) { _, remote, folder in
            _ = try await Self.expectRoundTrip(remote, folder)
        }
    }

    @Test func `a read that breaks off goes on where it broke`() async throws {
        var oddities = OddServer.Oddities()
        oddities.breaksOff = true
        try await Self.run(oddities) { odd, remote, folder in
            _ = try await Self.expectRoundTrip(remote, folder)
            #expect(odd.readOffsets == [0, 100_000])
        }
    }

    @Test func `wrong bytes are told and never kept`() async throws {
        var oddities = OddServer.Oddities()
        oddities.lies = true
        for isOld in [true, false] {
            oddities.isOld = isOld
            try await Self.run(oddities) { _, remote, folder in
                let root = try await remote.push(folder.path("in")).root
                let error = await #expect(throws: ClientError.self) {
                    try await remote.pull(root, to: folder.path("out"))
                }
                #expect(error?.code == .corrupted)
                #expect(try folder.names == ["in"])
            }
        }
    }

    @Test func `a blob that is answered early is there`() async throws {
        var oddities = OddServer.Oddities()
        oddities.earlyAnswer = Int64(Self.large.count)
        try await Self.run(oddities) { odd, remote, folder in
            let summary = try await remote.push(folder.path("in"))
            #expect(summary.uploadedBlobs == 6 && odd.writeMessages == 1)
        }
    }

    @Test func `a blob that is not kept whole is a failure`() async throws {
        var oddities = OddServer.Oddities()
        oddities.earlyAnswer = 17
        try await Self.run(oddities) { _, remote, folder in
            let error = await #expect(throws: ClientError.self) { try await remote.push(folder.path("in")) }
            #expect(error?.code == .serverFailure)
            #expect(error?.sentence.contains("in/large") == true)
        }
    }

    @Test(arguments: ["in/a/small", "in/large"])
    func `a file that changes while it is pushed is named`(name: String) async throws {
        let target = Target()
        var oddities = OddServer.Oddities()
        oddities.onFindMissing = { target.change() }
        try await Self.run(oddities) { odd, remote, folder in
            target.aim(at: folder.path(name))
            let error = await #expect(throws: ClientError.self) { try await remote.push(folder.path("in")) }
            #expect(error?.code == .changedMeanwhile)
            #expect(error?.sentence.contains(name) == true)
        }
    }

    /// Clocks of file systems tick slowly: a change that leaves size and time as they are must be found, too.
    @Test(arguments: ["in/a/small", "in/large"])
    func `a change that leaves no trace in size and time is found by the server`(name: String) async throws {
        let target = Target()
        var oddities = OddServer.Oddities()
        oddities.onFindMissing = { target.change(keepingTime: true) }
        try await Self.run(oddities) { _, remote, folder in
            target.aim(at: folder.path(name))
            let error = await #expect(throws: ClientError.self) { try await remote.push(folder.path("in")) }
            #expect(error?.code == .changedMeanwhile)
            #expect(error?.sentence.contains(name) == true)
        }
    }
}
