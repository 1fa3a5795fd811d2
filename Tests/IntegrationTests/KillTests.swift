// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation
import Testing

/// DESIGN.md §5: what was acknowledged survives the death of the process.
@Suite struct KillTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["CASEMATE_KILL_ROUNDS"].flatMap { Int($0) } ?? 10

    /// How many older blobs are read again after each round; all are after the last.
    private static let sample = 300

    @Test func `what was acknowledged outlives SIGKILL at any moment, and nothing reads wrong`() async throws
    {
        let seed = SeededRandom.newSeed()
        print("Kill: CASEMATE_SEED=\(seed), \(Self.rounds) rounds")
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder()
        let (root, log) = (folder.file("store"), folder.file("server.log"))
        let ledger = KillLedger()
        for round in 0..<Self.rounds {
            let server = try await CasemateProcess.start(root: root, log: log)
            let client = CacheClient(server.address)
            let faults = try await ledger.faults(client, sampling: Self.sample, using: &random)
            try #require(faults == [], "round \(round), CASEMATE_SEED=\(seed)")
            print(
                "Kill: round \(round), ready after \(server.timeToReady), \(ledger.acknowledged) acknowledged"
            )

            ledger.beginRound()
            let delay = Duration.milliseconds(.random(in: 1...1000, using: &random))
            let load = KillLoad(client: client, ledger: ledger)
            let loadSeed = random.next()
            async let running: Void = load.run(seed: loadSeed)
            try await Task.sleep(for: delay)
            ledger.willKill()
            server.kill()
            try await running

            while Bool.random(using: &random) {
                let delay = Duration.milliseconds(.random(in: 0...100, using: &random))
                try await CasemateProcess.startAndKill(root: root, log: log, after: delay)
            }
        }
        let server = try await CasemateProcess.start(root: root, log: log)
        let faults = try await ledger.faults(CacheClient(server.address), sampling: nil, using: &random)
        #expect(faults == [], "CASEMATE_SEED=\(seed)")
        #expect(ledger.acknowledged.blobs > 0 && ledger.acknowledged.references > 0)
        print("Kill: ready after \(server.timeToReady), \(ledger.acknowledged) acknowledged")
        #expect(try await server.stop() == .exited(0))
        let printed = try String(contentsOf: log, encoding: .utf8)
        #expect(!printed.contains("amaged"), "\(printed)")
    }
}
