// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

/// Ranks from 0 of which number n is drawn with a probability in proportion to (n + 1) to the power of −exponent.
struct ZipfDistribution {
    private var cumulative: [Double] = []

    init(count: Int, exponent: Double) {
        var sum = 0.0
        for rank in 1...count {
            sum += pow(Double(rank), -exponent)
            cumulative.append(sum)
        }
    }

    /// A rank.
    func draw(_ random: inout SeededRandom) -> Int {
        let point = Double.random(in: 0..<cumulative[cumulative.count - 1], using: &random)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
