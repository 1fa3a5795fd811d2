// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Random numbers that a seed repeats: SplitMix64 (Steele, Lea and Flood, «Fast splittable pseudorandom
/// number generators», 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// The generator of this seed.
    init(seed: UInt64) {
        state = seed
    }

    /// A seed for one test: `CASEMATE_SEED` of the environment, to repeat a failure, or else a new one.
    static func newSeed() -> UInt64 {
        ProcessInfo.processInfo.environment["CASEMATE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    }

    /// The next 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// That many random bytes.
    mutating func bytes(_ count: Int) -> Data {
        let words = (0..<(count + 7) / 8).map { _ in next() }
        return words.withUnsafeBytes { Data($0.prefix(count)) }
    }
}
