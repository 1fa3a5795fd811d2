// SPDX-License-Identifier: Apache-2.0

/// The name that a reference goes by: a relative path without tricks (PROTOCOL.md N13).
///
/// Two keys are the same if their bytes are.
public struct ReferenceKey: Sendable {
    /// The key as it stands on the wire.
    public let text: String

    /// The most bytes of UTF-8 that a key may have (PROTOCOL.md N13).
    public static let maximumLength = 4096

    /// The key in `text`.
    ///
    /// - Throws: ``MalformedValue`` that says what is wrong.
    public init(_ text: String) throws(MalformedValue) {
        guard !text.isEmpty else { throw MalformedValue("Expected a reference key, found an empty one.") }
        guard text.utf8.count <= Self.maximumLength else {
            throw MalformedValue(
                "Expected a reference key of at most \(Self.maximumLength) bytes, found \(text.utf8.count).")
        }
        guard !text.hasControlCharacter else {
            throw MalformedValue("The reference key \(MalformedValue.quoted(text)) has a control character.")
        }
        for segment in text.slashSeparated
        where segment.isEmpty || segment == "." || segment == ".." {
            throw MalformedValue(
                "The reference key \(MalformedValue.quoted(text)) has the segment “\(segment)”; "
                    + "expected a relative path without empty, “.” and “..” segments.")
        }
        self.text = text
    }
}

extension ReferenceKey: Hashable {
    /// Whether both have the same bytes.
    public static func == (left: ReferenceKey, right: ReferenceKey) -> Bool {
        left.text.isBytewiseEqual(to: right.text)
    }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }
}

extension ReferenceKey: CustomStringConvertible {
    /// The key as it stands on the wire.
    public var description: String { text }
}
