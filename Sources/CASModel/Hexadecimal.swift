// SPDX-License-Identifier: Apache-2.0

/// Lower-case hexadecimal digits, without a `String` in between.
public enum Hexadecimal {
    /// Writes the bytes that `text` spells; false, with `bytes` in any state, if a character is no lower-case digit.
    ///
    /// `text` has two digits for each byte written; `bytes` has room for them.
    public static func decode(
        _ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer
    ) -> Bool {
        precondition(text.count % 2 == 0 && bytes.count >= text.count / 2, "no room for the bytes")
        var wrong: UInt64 = 0
        var position = 0
        while position + 8 <= text.count {
            let digits = text.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let eight = EightDigits(UInt64(littleEndian: digits))
            bytes.storeBytes(of: eight.bytes.littleEndian, toByteOffset: position / 2, as: UInt32.self)
            wrong |= eight.wrong
            position += 8
        }
        while position < text.count {
            let digits = text.loadUnaligned(fromByteOffset: position, as: UInt16.self)
            let eight = EightDigits(0x3030_3030_3030_0000 | UInt64(UInt16(littleEndian: digits)))
            bytes[position / 2] = UInt8(truncatingIfNeeded: eight.bytes)
            wrong |= eight.wrong
            position += 2
        }
        return wrong == 0
    }

    /// Writes two digits for each of `bytes`; `text` has room for them.
    public static func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= bytes.count * 2, "no room for the digits")
        for (position, byte) in bytes.enumerated() {
            text[2 * position] = digit(byte >> 4)
            text[2 * position + 1] = digit(byte & 0x0F)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}

/// Eight characters read at once, one in each byte of a word, the first in the lowest.
private struct EightDigits {
    /// The four bytes that they spell, the first in the lowest.
    let bytes: UInt32

    /// Not 0 when one of them is no digit.
    let wrong: UInt64

    init(_ characters: UInt64) {
        let each: UInt64 = 0x0101_0101_0101_0101
        // Letters have bit 6, and `a` ends in 1. No step carries from one byte into the next.
        let values = (characters & (each * 0x0F)) + ((characters >> 6) & each) * 9
        // Only a digit is the way to spell its value.
        let areLetters = ((values + each * 6) >> 4) & each
        let spelled = values + each * 0x30 + areLetters * 0x27
        wrong = (spelled ^ characters) | (values & (each * 0x10))

        let pairs = ((values << 4) | (values >> 8)) & 0x00FF_00FF_00FF_00FF
        let quads = (pairs | (pairs >> 8)) & 0x0000_FFFF_0000_FFFF
        bytes = UInt32(truncatingIfNeeded: quads | (quads >> 16))
    }
}
