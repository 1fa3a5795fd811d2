// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation

/// Opening a store of many tiny blobs: after it was closed, and after its process was killed.
///
/// Every opening is by a process of its own, which tells its time and its memory.
struct StoreOpenSuite: StoreSuite {
    private static let cacheSwitch = "/proc/sys/vm/drop_caches"

    let counts: [Int]

    /// Whether there is another opening with nothing of the store in memory.
    let emptiesCaches: Bool

    func measure(in folder: BenchFolder) async throws -> [StoreReport] {
        var reports: [StoreReport] = []
        for count in counts {
            reports += try await folder.using("casemate") { path in
                try await StoreChild.fill(count).run(in: path)
                return try await openings(of: path, blobs: count, "closed")
                    + openings(of: path, blobs: count, "killed")
            }
        }
        return reports
    }

    private func openings(of path: String, blobs: Int, _ ending: String) async throws -> [StoreReport] {
        var reports: [StoreReport] = []
        for isCold in emptiesCaches ? [false, true] : [false] {
            if ending == "killed" { try await StoreChild.abandon.run(in: path) }
            if isCold { try Self.emptyCaches() }
            let state = "\(ending), \(isCold ? "cold" : "warm")"
            reports.append(try await open(path, "\(blobs) blobs, \(state)"))
        }
        return reports
    }

    private func open(_ path: String, _ work: String) async throws -> StoreReport {
        let opening = try JSONDecoder().decode(
            StoreOpening.self, from: try await StoreChild.open.run(in: path))
        let stopwatch = Stopwatch(wallSeconds: opening.wallSeconds, cpuSeconds: opening.cpuSeconds)
        var report = StoreReport(.open, store: "casemate", work: work, 1, "opening", stopwatch)
        report.figures = [
            "resident MiB": Double(opening.residentBytes) / 1_048_576,
            "anonymous MiB": Double(opening.anonymousBytes) / 1_048_576,
            "index MiB": Double(opening.indexBytes) / 1_048_576, "blobs": Double(opening.blobs),
        ]
        return report
    }

    /// Lets the system forget what files hold.
    private static func emptyCaches() throws {
        sync()
        let file = try Descriptor(cacheSwitch, O_WRONLY)
        try file.write(Bytes(utf8: "3"))
    }
}
