// SPDX-License-Identifier: Apache-2.0

/// Numbers as people read them.
enum Quantity {
    private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]

    /// A number of bytes: `17 bytes`, `4.2 KiB`, `1.0 GiB`.
    static func bytes(_ count: Int) -> String {
        guard count >= 1024 else { return counted(count, "byte") }
        // In tenths, rounded; 1023.95 KiB is 1.0 MiB.
        var tenths = (count * 10 + 512) / 1024
        var unit = 0
        while tenths >= 10_240, unit < units.count - 1 {
            tenths = (tenths + 512) / 1024
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// A time: `40 seconds`, `3 hours`, `12 days`.
    static func age(seconds: Int) -> String {
        let units = [("day", 86_400), ("hour", 3_600), ("minute", 60)]
        // From two on: 90 minutes say more than one hour.
        guard let (noun, length) = units.first(where: { seconds >= 2 * $0.1 }) else {
            return counted(seconds, "second")
        }
        return counted(seconds / length, noun)
    }

    /// A number of things: `1 file`, `20000 files`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
