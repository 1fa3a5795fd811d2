// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation
import Testing

/// A store of a million blobs. Run it with CASEMATE_LARGE_TESTS=1 and a release build as CASEMATE_EXECUTABLE.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CASEMATE_LARGE_TESTS"] == "1"))
struct LargeStoreTests {
    private static let blobCount = 1_000_000
    private static let batchSize = 5000
    private static let clientCount = 4

    @Test func `a store of a million blobs is ready again after SIGKILL, and has them`() async throws {
        let folder = try TemporaryFolder()
        let (root, log) = (folder.file("store"), folder.file("server.log"))
        let server = try await CasemateProcess.start(root: root, log: log)
        let client = CacheClient(server.address)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for number in 0..<Self.clientCount {
                group.addTask {
                    let starts = stride(
                        from: number * Self.batchSize, to: Self.blobCount,
                        by: Self.clientCount * Self.batchSize)
                    for start in starts { try await client.store(Self.blobs(start..<start + Self.batchSize)) }
                }
            }
            try await group.waitForAll()
        }
        print("Large: \(Self.blobCount) blobs stored in \(ContinuousClock.now - start)")
        server.kill()
        let second = try await CasemateProcess.start(root: root, log: log)
        print("Large: ready \(second.timeToReady) after the start that followed SIGKILL")
        let reader = CacheClient(second.address)
        for start in stride(from: 0, to: Self.blobCount, by: Self.blobCount / 100) {
            let blobs = try Self.blobs(start..<start + 100)
            #expect(try await reader.readBatch(blobs.map(\.digest)) == blobs.map(\.bytes))
        }
        #expect(try await second.stop() == .exited(0))
        let third = try await CasemateProcess.start(root: root, log: log)
        print("Large: ready \(third.timeToReady) after the start that followed SIGTERM")
        #expect(try await third.stop() == .exited(0))
    }

    private static func blobs(_ numbers: Range<Int>) throws -> [Blob] {
        try numbers.map { try Blob(Bytes(utf8: "blob \($0)")) }
    }
}
