// SPDX-License-Identifier: Apache-2.0

/// The 512 bytes in front of every file of a tar archive (POSIX.1-2017, pax, «ustar Interchange Format»).
struct TarHeader: Equatable {
    /// The unit of the format: headers are one long, contents are filled up to a multiple of it.
    static let blockSize = 512

    /// What follows the header.
    enum Kind: UInt8 {
        case file = 0x30
        case directory = 0x35
        /// What the next header cannot say of its file.
        case extended = 0x78
        /// What is said of all files from here on.
        case global = 0x67
        /// GNU's way of giving the next file a long name.
        case longName = 0x4C
    }

    var name: String
    var size: Int
    var kind: Kind

    /// Up to which size eleven octal digits go.
    private static let largestSize = 1 << 33 - 1

    private enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let user = 108..<116
        static let group = 116..<124
        static let size = 124..<136
        static let time = 136..<148
        static let checksum = 148..<156
        static let kind = 156
        static let magic = 257..<265
        static let prefix = 345..<500
    }

    /// What stands in front of a file with this name, which has room, and size: the header, and before it one that says
    /// the size if it has no room.
    static func blocks(forFile name: String, size: Int) -> [UInt8] {
        guard size > largestSize else { return TarHeader(name: name, size: size, kind: .file).block }
        let record = Array(paxRecord("size", String(size)).utf8)
        let extended = TarHeader(name: "pax/\(name)", size: record.count, kind: .extended)
        let padding = [UInt8](repeating: 0, count: Self.padding(after: record.count))
        return extended.block + record + padding + TarHeader(name: name, size: 0, kind: .file).block
    }

    /// How many bytes fill up the last block of a content of `size` bytes.
    static func padding(after size: Int) -> Int { (blockSize - size % blockSize) % blockSize }

    /// `LENGTH KEY=VALUE\n`, where the length counts itself.
    private static func paxRecord(_ key: String, _ value: String) -> String {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count
        while "\(length)\(rest)".utf8.count != length { length = "\(length)\(rest)".utf8.count }
        return "\(length)\(rest)"
    }

    private var block: [UInt8] {
        precondition(name.utf8.count <= Field.name.count, "the names of an archive are short")
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, _ field: Range<Int>) {
            block.replaceSubrange(field.lowerBound..<(field.lowerBound + text.utf8.count), with: text.utf8)
        }
        put(name, Field.name)
        put("0000644\0", Field.mode)
        put("0000000\0", Field.user)
        put("0000000\0", Field.group)
        let digits = String(size, radix: 8)
        put(String(repeating: "0", count: 11 - digits.count) + digits, Field.size)
        // No time: the same content makes the same archive.
        put("00000000000", Field.time)
        block[Field.kind] = kind.rawValue
        put("ustar\u{0}00", Field.magic)
        let sum = String(Self.sum(of: block), radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", Field.checksum)
        return block
    }

    init(name: String, size: Int, kind: Kind) {
        (self.name, self.size, self.kind) = (name, size, kind)
    }

    /// The header that `block` is.
    ///
    /// - Throws: a ``StoreFailure`` when it is none, or one of what this archive cannot have.
    init(reading block: [UInt8]) throws {
        guard Self.number(block[Field.checksum]) == Self.sum(of: block) else {
            throw StoreFailure("The archive is damaged, or no tar archive: a header has a wrong checksum.")
        }
        let prefix = Self.text(block[Field.prefix])
        let isPOSIX = block[Field.magic].starts(with: Array("ustar\0".utf8))
        let name = Self.text(block[Field.name])
        self.name = isPOSIX && !prefix.isEmpty ? "\(prefix)/\(name)" : name
        // Before POSIX, a file had the kind 0.
        guard let kind = block[Field.kind] == 0 ? .file : Kind(rawValue: block[Field.kind]) else {
            throw StoreFailure(
                "The archive has the entry “\(TarHeader.printable(self.name))”, which is neither a file nor a directory."
            )
        }
        self.kind = kind
        guard let size = Self.number(block[Field.size]) else {
            throw StoreFailure("The archive is damaged: “\(TarHeader.printable(self.name))” has no size.")
        }
        self.size = size
    }

    /// `text` as it may stand in a message.
    static func printable(_ text: String) -> String {
        String(
            text.unicodeScalars.prefix(100).map {
                $0.value < 32 || $0.value == 127 ? "\u{FFFD}" : Character($0)
            })
    }

    /// The sum of all bytes, those of the checksum taken for spaces.
    private static func sum(of block: [UInt8]) -> Int {
        let all = block.reduce(0) { $0 + Int($1) }
        return block[Field.checksum].reduce(all) { $0 - Int($1) + 0x20 }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The number in octal digits, or, as GNU has it for large ones, in binary behind a byte of 128.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            guard field.dropFirst().prefix(field.count - 9).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
