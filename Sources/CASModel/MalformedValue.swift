// SPDX-License-Identifier: Apache-2.0

/// A text or number from outside that is not what it should be.
public struct MalformedValue: Error, Equatable, CustomStringConvertible {
    /// What was expected and what was found, as one sentence.
    public let sentence: String

    /// An error that says `sentence`.
    public init(_ sentence: String) {
        self.sentence = sentence
    }

    /// The sentence.
    public var description: String { sentence }
}

extension MalformedValue {
    /// `text` as it may stand in a message: quoted, without control characters, at most 100 characters of it.
    public static func quoted(_ text: some StringProtocol) -> String {
        let printable = text.unicodeScalars.prefix(100).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : String(scalar)
        }
        return "“" + printable.joined() + (text.unicodeScalars.count > 100 ? "…" : "") + "”"
    }
}
