// SPDX-License-Identifier: Apache-2.0

import Foundation
import RemoteAPI
import SwiftProtobuf

// Messages as clients send them, and some that they should not.
extension Dice {
    mutating func text() -> String {
        pick(["", "main", "a/b/c", "ünïcode/😀", String(repeating: "x", count: below(300))])
    }

    mutating func data() -> Data {
        Data(bytes(pick([0, 1, 7, 100, 511, 512, 513, 2000])))
    }

    mutating func hash() -> String {
        let digits = Array("0123456789abcdef")
        let count = pick([64, 64, 64, 64, 64, 64, 64, 64, 40, 32, 96, 128, 0, 63, 65, 200])
        var hash = String((0..<count).map { _ in pick(digits) })
        if oneIn(30) { hash = String(hash.dropLast()) + pick(["A", "g", "/", "\0", "é"]) }
        if oneIn(50) { hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
        return hash
    }

    mutating func number() -> Int64 {
        pick([
            0, 1, 127, 128, 16383, 16384, Int64(Int32.max), Int64.max, Int64(below(1 << 30)),
            oneIn(4) ? -1 : 5,
        ])
    }

    mutating func digest() -> DigestMessage {
        DigestMessage.with {
            $0.hash = hash()
            $0.sizeBytes = number()
        }
    }

    mutating func goodDigest() -> DigestMessage {
        DigestMessage.with {
            $0.hash = String((0..<64).map { _ in pick(Array("0123456789abcdef")) })
            $0.sizeBytes = Int64(below(1 << 40))
        }
    }

    mutating func function() -> DigestFunctionMessage.Value {
        pick([
            .unknown, .unknown, .unknown, .sha256, .sha256, .sha1, .blake3, .UNRECOGNIZED(oneIn(2) ? 77 : -3),
        ])
    }

    mutating func compressor() -> Build_Bazel_Remote_Execution_V2_Compressor.Value {
        pick([.identity, .identity, .zstd, .brotli, .UNRECOGNIZED(oneIn(2) ? 9 : -1)])
    }

    mutating func status() -> Google_Rpc_Status {
        Google_Rpc_Status.with {
            $0.code = pick([0, 0, 3, 5, 13, 16, 17, -1])
            $0.message = text()
            if oneIn(8) { $0.details = [.with { $0.typeURL = "type.googleapis.com/a" }] }
        }
    }

    /// Between 0 and `most` of what `make` makes.
    mutating func several<Element>(_ most: Int, _ make: (inout Dice) -> Element) -> [Element] {
        (0..<below(most + 1)).map { _ in make(&self) }
    }
}

/// Encoded fields that nobody meant: unknown ones, known ones of another type, groups, numbers that are too long.
extension Dice {
    mutating func soup(depth: Int = 0) -> [UInt8] {
        several(6) { $0.field(depth: depth) }.flatMap { $0 }
    }

    private mutating func field(depth: Int) -> [UInt8] {
        let number = pick([1, 2, 3, 4, 5, 6, 10, 15, 16, 1000, (1 << 29) - 1])
        let type = pick([0, 0, 1, 2, 2, 2, 2, 3, 5, oneIn(20) ? 4 : 2, oneIn(40) ? 7 : 0])
        let tag = varint(UInt64(number) << 3 | UInt64(type), padding: oneIn(30) ? below(4) : 0)
        switch type {
        case 0: return tag + varint(oneIn(2) ? UInt64(below(12)) : next(), padding: oneIn(20) ? below(11) : 0)
        case 1: return tag + bytes(8)
        case 5: return tag + bytes(4)
        case 3 where depth < 4:
            let end = oneIn(20) ? 5 : number
            return tag + soup(depth: depth + 1) + varint(UInt64(end) << 3 | 4, padding: oneIn(20) ? 5 : 0)
        case 2:
            let content = delimited(depth: depth)
            return tag + varint(UInt64(content.count + (oneIn(40) ? 1 : 0)), padding: oneIn(40) ? 3 : 0)
                + content
        default: return tag
        }
    }

    private mutating func delimited(depth: Int) -> [UInt8] {
        if depth < 4, oneIn(2) { return soup(depth: depth + 1) }
        if oneIn(3) { return Array(hash().utf8) }
        return oneIn(3) ? bytes(below(20)) : Array(text().utf8)
    }

    mutating func varint(_ value: UInt64, padding: Int = 0) -> [UInt8] {
        var encoded: [UInt8] = []
        var rest = value
        while rest > 0x7F {
            encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        encoded.append(UInt8(rest))
        for _ in 0..<padding {
            encoded[encoded.count - 1] |= 0x80
            encoded.append(0)
        }
        return encoded
    }
}
