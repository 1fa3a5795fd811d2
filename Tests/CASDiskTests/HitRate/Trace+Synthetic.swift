// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

/// Traces of blobs of one size, for which Belady's offline optimum is exact.
extension Trace {
    private static let blobSize = 4096
    private static let usesPerSecond = 10
    private static let start: UInt32 = 1_000_000

    /// Uses of blobs whose popularity follows Zipf's law and never changes.
    static func zipf(_ exponent: Double, uses: Int, seed: UInt64) -> Trace {
        var random = SeededRandom(seed: seed)
        var trace = Trace("Zipf \(exponent)")
        let popularity = ZipfDistribution(count: uses / 5, exponent: exponent)
        var blobs = PopulatedRanks()
        for number in 0..<uses {
            trace.use(blobs.blob(of: popularity.draw(&random), in: &trace), at: time(number))
        }
        return trace
    }

    /// Zipf's law again, and a third of all uses in runs over blobs that are used this once: someone
    /// mirrors the cache, or pushes what nobody asks for.
    static func zipfWithScans(_ exponent: Double, uses: Int, seed: UInt64) -> Trace {
        var random = SeededRandom(seed: seed)
        var trace = Trace("Zipf \(exponent) and scans")
        let popularity = ZipfDistribution(count: uses / 10, exponent: exponent)
        let scanLength = max(1, uses / 60)
        var blobs = PopulatedRanks()
        for number in 0..<uses {
            let isScan = number / scanLength % 3 == 2
            let blob =
                isScan
                ? trace.addBlob(size: blobSize) : blobs.blob(of: popularity.draw(&random), in: &trace)
            trace.use(blob, at: time(number))
        }
        return trace
    }

    /// Each blob is used four times or so while it is among the newest tenth, less and less often, and hardly after.
    static func drift(uses: Int, seed: UInt64) -> Trace {
        var random = SeededRandom(seed: seed)
        var trace = Trace("Drifting working set")
        let blobs = uses / 5
        let meanAge = Double(blobs) / 20
        for number in 0..<uses {
            while trace.sizes.count <= number / 5 { _ = trace.addBlob(size: blobSize) }
            let age = -log(1 - Double.random(in: 0..<1, using: &random)) * meanAge
            trace.use(max(0, trace.sizes.count - 1 - Int(age)), at: time(number))
        }
        return trace
    }

    private static func time(_ number: Int) -> UInt32 { start + UInt32(number / usesPerSecond) }

    /// The blobs of the ranks that were drawn before.
    private struct PopulatedRanks {
        private var blobs: [Int: Int] = [:]

        mutating func blob(of rank: Int, in trace: inout Trace) -> Int {
            if let blob = blobs[rank] { return blob }
            let blob = trace.addBlob(size: Trace.blobSize)
            blobs[rank] = blob
            return blob
        }
    }
}
