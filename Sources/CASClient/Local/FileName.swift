// SPDX-License-Identifier: Apache-2.0

/// Names of files as the system and the Remote Execution API compare them: byte by byte, where `String` takes two
/// spellings of “é” for one.
struct FileName: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: FileName, right: FileName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Whether `left` stands before `right` in a canonical `Directory`.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
