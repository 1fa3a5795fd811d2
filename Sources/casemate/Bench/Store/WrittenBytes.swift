// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What the kernel tells of the bytes that this process made it write to disks.
enum WrittenBytes {
    private static let file = "/proc/self/io"

    /// All since the process began: pages count when they become dirty, through calls and mappings alike, and again when
    /// they do after they were written.
    static func now() throws -> Int {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("write_bytes: ") }
        guard let number = line?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw BenchFailure("Expected a number of written bytes in \(file), found none.")
        }
        return number
    }
}
