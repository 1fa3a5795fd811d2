// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASTesting
import Glibc

/// Writes a random tree to a disk: deep and wide, odd names, links, empty and equal files.
struct RandomTree {
    private var random: SeededRandom
    private var contents: [[UInt8]] = [[]]

    private static let oddNames = [
        "-rf", "--", " ", "a b", "two\nlines", "tab\t", "é", "e\u{301}", "日本語", "🧊", "*", "\\", "\"", "'",
        "~", "#",
        "...", ".hidden", "name.", "\u{202E}txt", "\u{7F}", "CON", "a:b", "%2F", "\u{1}",
    ]

    private static let sizes = [0, 1, 511, 512, 513, 4095, 4096, 4097, 65_536, 100_000]

    /// Sizes where the way of travel changes: streams from 1 MiB on, batches of 4 MiB − 64 KiB.
    private static let largeSizes = [
        (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (2 << 20) + 7, (4 << 20) - (64 << 10), (4 << 20) + 1,
    ]

    private init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// Writes the tree of `seed` to the new directory `path`.
    static func write(seed: UInt64, to path: String) {
        var tree = RandomTree(seed: seed)
        mkdir(path, 0o755)
        tree.fill(path, depth: 0)
        for size in largeSizes.shuffled(using: &tree.random).prefix(3) {
            tree.writeFile(path + "/large-\(size)", tree.bytes(size))
        }
    }

    private mutating func fill(_ path: String, depth: Int) {
        for number in 0..<Int.random(in: 0...12, using: &random) {
            let child = path + "/" + name(number)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: writeFile(child, content())
            case 5..<8 where depth < 8:
                if mkdir(child, 0o755) == 0 { fill(child, depth: depth + 1) }
            case _: _ = symlink(target(), child)
            }
        }
    }

    private mutating func name(_ number: Int) -> String {
        Bool.random(using: &random) ? Self.oddNames.randomElement(using: &random)! : "file-\(number)"
    }

    private mutating func target() -> String {
        ["file-1", "../..", "/etc/passwd", "not there", "..", "/", "é"].randomElement(using: &random)!
    }

    private mutating func content() -> [UInt8] {
        if Int.random(in: 0..<4, using: &random) == 0 { return contents.randomElement(using: &random)! }
        let content = bytes(Self.sizes.randomElement(using: &random)!)
        contents.append(content)
        return content
    }

    private mutating func bytes(_ count: Int) -> [UInt8] { Array(random.bytes(count)) }

    private mutating func writeFile(_ path: String, _ content: [UInt8]) {
        let mode: mode_t = Bool.random(using: &random) ? 0o755 : 0o644
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard file >= 0 else { return }
        defer { close(file) }
        precondition(content.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } == content.count)
    }
}
