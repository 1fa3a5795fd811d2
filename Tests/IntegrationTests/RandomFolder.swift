// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

/// Fills a folder with a random tree: odd names, permissions, symlinks, empty folders, files of many sizes.
struct RandomFolder {
    private static let names = [
        "-rf", "--", " ", "a b", "two\nlines", "tab\t", "é", "e\u{301}", "日本語", "🧊", "*", "\\", "\"", "'",
        "~",
        "#", "...", ".hidden", "name.", "\u{202E}txt", "\u{7F}", "a:b", "%2F", "\u{1}",
        String(repeating: "n", count: 255),
    ]
    private static let targets = ["file-1", "../..", "/etc/passwd", "not there", "..", "/", "é", " "]
    private static let modes = [0o644, 0o600, 0o444, 0o755, 0o700, 0o555]

    /// Around what fits a batch, a stream and a message.
    private static let sizes = [
        0, 1, 511, 4096, 65_537, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (4 << 20) - (64 << 10), (4 << 20) + 1,
    ]

    private var random: SeededRandom

    /// Makes the folder `url` with the tree of `seed` in it.
    static func write(seed: UInt64, to url: URL) throws {
        var tree = RandomFolder(random: SeededRandom(seed: seed))
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        try tree.fill(url.path, depth: 0)
    }

    private mutating func fill(_ path: String, depth: Int) throws {
        let odd = Self.names.shuffled(using: &random).prefix(.random(in: 0...4, using: &random))
        let plain = (0..<Int.random(in: 0...5, using: &random)).map { "file-\($0)" }
        for name in odd + plain {
            let child = path + "/" + name
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: try writeFile(child)
            case 4..<6: try link(child)
            default:
                try FileManager.default.createDirectory(atPath: child, withIntermediateDirectories: false)
                if depth < 5 { try fill(child, depth: depth + 1) }
            }
        }
    }

    private mutating func writeFile(_ path: String) throws {
        // Long ones are rare: in most places the tree is small files.
        let sizes = Int.random(in: 0..<8, using: &random) == 0 ? Self.sizes[...] : Self.sizes.prefix(5)
        let size = sizes.randomElement(using: &random) ?? 0
        try random.data(size).write(to: URL(filePath: path))
        let mode = Self.modes.randomElement(using: &random) ?? 0
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private mutating func link(_ path: String) throws {
        let target = Self.targets.randomElement(using: &random) ?? ""
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }
}
