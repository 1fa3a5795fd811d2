// SPDX-License-Identifier: Apache-2.0

/// Lower-case hexadecimal digits, without a `String` in between.
public enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The value of each ASCII character as a digit; 0xFF for what is none.
    private static let values: [UInt8] = (0..<256).map { character in
        digits.firstIndex(of: UInt8(character)).map(UInt8.init) ?? 0xFF
    }

    /// Writes the bytes that `text` spells; false, with `bytes` in any state, if a character is no lower-case digit.
    ///
    /// `text` has two digits for each byte written; `bytes` has room for them.
    public static func decode(_ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer)
        -> Bool
    {
        precondition(text.count % 2 == 0 && bytes.count >= text.count / 2, "no room for the bytes")
        var seen: UInt8 = 0
        values.withUnsafeBufferPointer { values in
            for position in 0..<text.count / 2 {
                let high = values[Int(text[2 * position])]
                let low = values[Int(text[2 * position + 1])]
                seen |= high | low
                bytes[position] = high << 4 | (low & 0x0F)
            }
        }
        return seen & 0xF0 == 0
    }

    /// Writes two digits for each of `bytes`; `text` has room for them.
    public static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= bytes.count * 2, "no room for the digits")
        digits.withUnsafeBufferPointer { digits in
            for (position, byte) in bytes.enumerated() {
                text[2 * position] = digits[Int(byte >> 4)]
                text[2 * position + 1] = digits[Int(byte & 0x0F)]
            }
        }
    }
}
