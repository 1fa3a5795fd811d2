// SPDX-License-Identifier: Apache-2.0

// Names from the wire are what their bytes are. `==` also takes two spellings of one character for the same, as a
// database does not, and a Character may hide a slash under an accent.
extension String {
    /// Whether both have the same bytes.
    func isBytewiseEqual(to other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Feeds the bytes to `hasher`.
    func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension StringProtocol {
    /// The parts between slashes, empty ones included.
    var slashSeparated: [Substring] {
        Substring(self).utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(
            Substring.init)
    }

    /// Whether there is a character of the Unicode category Cc: U+0000–U+001F, U+007F–U+009F.
    var hasControlCharacter: Bool {
        var previous: UInt8 = 0
        for byte in utf8 {
            if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return true }
            previous = byte
        }
        return false
    }
}
