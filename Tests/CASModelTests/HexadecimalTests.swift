// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Testing

@Suite struct HexadecimalTests {
    private func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xEE, count: text.count / 2)
        let isRight = text.withUnsafeBytes { text in
            bytes.withUnsafeMutableBytes { Hexadecimal.decode(text, into: $0) }
        }
        return isRight ? bytes : nil
    }

    private func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: bytes.count * 2)
        bytes.withUnsafeBytes { bytes in
            text.withUnsafeMutableBytes { Hexadecimal.encode(bytes, into: $0) }
        }
        return text
    }

    @Test func `every byte is spelled with two digits`() {
        let all = (0...UInt8.max).map { $0 }
        let text = encode(all)
        #expect(String(decoding: text[..<8], as: UTF8.self) == "00010203")
        #expect(String(decoding: text[(2 * 0xAB)...].prefix(4), as: UTF8.self) == "abac")
        #expect(decode(text) == all)
        for byte in all { #expect(decode(encode([byte])) == [byte]) }
    }

    @Test(arguments: [2, 4, 6, 8, 10, 16, 64, 66]) func `only lower-case digits are digits`(length: Int) {
        let digits = Set("0123456789abcdef".utf8)
        for position in 0..<length {
            for character in 0...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "0"), count: length)
                text[position] = character
                #expect((decode(text) != nil) == digits.contains(character), "\(character) at \(position)")
            }
        }
    }

    @Test(arguments: SeededRandom.seeds()) func `random bytes come back`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for count in 0...64 {
            for _ in 0..<20 {
                let bytes = Array(random.bytes(count))
                #expect(decode(encode(bytes)) == bytes)
            }
        }
    }
}
