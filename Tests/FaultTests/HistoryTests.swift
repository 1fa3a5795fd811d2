// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation
import Testing

/// Drives the store through histories of faults, each from a seed.
///
/// `CASEMATE_FAULT_SEED` replays one; `CASEMATE_FAULT_HISTORIES` says how many new ones there are, and
/// `CASEMATE_FAULT_BASE` lets them be the same ones every time.
struct HistoryTests {
    /// The seeds of histories that fail when a mistake of the past is made again. A step that is added or taken out
    /// makes them other histories; then they are found anew.
    private static let kept: [UInt64] = [
        // A log that began anew and had no record went on at the beginning of its last segment.
        15_139_328_825_904_628_982,
        // A barrier did not bring what an earlier process had left to the disk.
        8_679_144_218_875_528_562, 5_363_496_410_268_479_921,
        // A careful opening that came to no end was followed by one that was not.
        9_681_417_104_451_704_227, 5_260_696_869_277_693_411,
        // An object that was removed came back with a loss of power after a close, and was not counted.
        14_333_760_140_634_097_913,
        // A full disk gave a part of what was asked, which nothing counted.
        14_470_497_756_144_740_716,
    ]

    /// After how many failures no more histories are tried.
    private static let reportedAtMost = 5

    private static let setting = ProcessInfo.processInfo.environment

    private static var seeds: [UInt64] {
        if let seed = setting["CASEMATE_FAULT_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        let count = setting["CASEMATE_FAULT_HISTORIES"].flatMap { Int($0) } ?? 300
        let base = setting["CASEMATE_FAULT_BASE"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
        var random = SeededRandom(seed: base)
        return kept + (0..<count).map { _ in random.next() }
    }

    @Test func `no history of faults makes the store break a promise`() async throws {
        let seeds = Self.seeds
        var failures = 0
        for seed in seeds where await !Self.isKept(seed, traced: seeds.count == 1) {
            failures += 1
            guard failures < Self.reportedAtMost else { return }
        }
    }

    @Test func `the same seed makes the same history`() async throws {
        for seed in UInt64(1)...20 {
            let histories = [try StoreHistory(seed: seed), try StoreHistory(seed: seed)]
            // What comes of them is what the other test is for.
            for history in histories { try? await history.run() }
            #expect(histories[0].trace.steps == histories[1].trace.steps, "seed \(seed)")
            #expect(histories[0].disk.counts == histories[1].disk.counts, "seed \(seed)")
        }
    }

    /// Whether the store keeps its promises in the history of `seed`.
    private static func isKept(_ seed: UInt64, traced: Bool) async -> Bool {
        do {
            let history = try StoreHistory(seed: seed)
            do {
                try await history.run()
                return true
            } catch {
                Issue.record("\(report(error, of: history, seed, traced: traced))")
            }
        } catch {
            Issue.record("A history could not begin: \(error)")
        }
        return false
    }

    private static func report(
        _ error: any Error, of history: StoreHistory, _ seed: UInt64, traced: Bool
    ) -> String {
        let lines = traced ? history.trace.lines[...] : history.trace.lines.suffix(12)
        return """
            \(error)
            after:
              \(lines.joined(separator: "\n  "))
            Replay: CASEMATE_FAULT_SEED=\(seed) swift test --filter FaultTests.HistoryTests
            """
    }
}
