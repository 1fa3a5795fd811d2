// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Random values from a seed that is printed, so that a failure can be played again with `CASEMATE_SEED`.
struct Dice: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// Dice with the seed of the environment, or a new one.
    static func thrown(for test: String) -> Dice {
        let given = ProcessInfo.processInfo.environment["CASEMATE_SEED"].flatMap { UInt64($0) }
        let dice = Dice(seed: given ?? UInt64.random(in: 0...UInt64(UInt32.max)))
        print("\(test): CASEMATE_SEED=\(dice.seed)")
        return dice
    }

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func oneIn(_ chances: Int) -> Bool { below(chances) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
