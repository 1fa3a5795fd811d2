// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where people are told what goes on; standard output is for results.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func print(_ line: String) {
        write(line + "\n")
    }

    static func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            // There is nobody to tell that standard error takes nothing.
            _ = Glibc.write(STDERR_FILENO, utf8.baseAddress, utf8.count)
        }
    }
}
