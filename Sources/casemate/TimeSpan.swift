// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A length of time as people write it: `90s`, with s, m, h and d for seconds, minutes, hours and days.
struct TimeSpan: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let seconds: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = argument.last.flatMap({ seconds[$0] }), let number = Int(argument.dropLast()),
            number >= 0
        else { return nil }
        let (total, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        duration = .seconds(total)
    }
}
