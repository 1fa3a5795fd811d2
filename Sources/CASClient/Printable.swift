// SPDX-License-Identifier: Apache-2.0

/// Text from outside as it may stand on a terminal.
enum Printable {
    /// `text` with control characters and backslashes escaped, so that two texts never look the same.
    static func quoting(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: needsEscape) else { return String(text) }
        return text.unicodeScalars.reduce(into: "") { quoted, scalar in
            switch scalar {
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case "\\": quoted += "\\\\"
            case _ where needsEscape(scalar): quoted += "\\u{\(String(scalar.value, radix: 16))}"
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
    }

    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\\" }
        switch scalar.properties.generalCategory {
        // Format characters turn the direction of what follows.
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
