// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

extension SeededRandom {
    /// A seed for one test: `CASEMATE_SEED` of the environment, to repeat a failure, or else a new one.
    static func newSeed() -> UInt64 {
        ProcessInfo.processInfo.environment["CASEMATE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    }

    /// That many random bytes.
    mutating func data(_ count: Int) -> Data {
        let words = (0..<(count + 7) / 8).map { _ in next() }
        return words.withUnsafeBytes { Data($0.prefix(count)) }
    }
}
