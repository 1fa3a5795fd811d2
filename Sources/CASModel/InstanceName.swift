// SPDX-License-Identifier: Apache-2.0

/// The namespace that references, action results and assets of one group of clients live in.
///
/// Empty, or segments joined by `/`, none of them empty or a word that resource names use (PROTOCOL.md N11).
/// Two names are the same if their bytes are.
public struct InstanceName: Sendable {
    /// The name as it stands on the wire.
    public let text: String

    /// The instance without a name.
    public static let unnamed = InstanceName(unchecked: "")

    /// The most bytes of UTF-8 that a name may have; longer than any seen, short enough for a database key.
    public static let maximumLength = 1024

    /// Words that a resource name is taken apart by, which therefore no segment may be.
    public static let reservedSegments: Set<Substring> = [
        "blobs", "uploads", "actions", "actionResults", "operations", "capabilities", "compressed-blobs",
    ]

    /// The name in `text`.
    ///
    /// - Throws: ``MalformedValue`` that says which segment is wrong.
    public init(_ text: some StringProtocol) throws(MalformedValue) {
        let text = String(text)
        guard text.utf8.count <= Self.maximumLength else {
            throw MalformedValue(
                "Expected an instance name of at most \(Self.maximumLength) bytes, found \(text.utf8.count).")
        }
        guard !text.isEmpty else {
            self = .unnamed
            return
        }
        for segment in text.slashSeparated {
            guard !segment.isEmpty else {
                throw MalformedValue("The instance name \(MalformedValue.quoted(text)) has an empty segment.")
            }
            guard !Self.reservedSegments.contains(segment) else {
                throw MalformedValue(
                    "The instance name \(MalformedValue.quoted(text)) has the reserved segment “\(segment)”.")
            }
        }
        guard !text.hasControlCharacter else {
            throw MalformedValue("The instance name \(MalformedValue.quoted(text)) has a control character.")
        }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) {
        self.text = text
    }
}

extension InstanceName: Hashable {
    /// Whether both have the same bytes.
    public static func == (left: InstanceName, right: InstanceName) -> Bool {
        left.text.isBytewiseEqual(to: right.text)
    }

    /// Feeds the bytes to `hasher`.
    public func hash(into hasher: inout Hasher) {
        text.hashBytes(into: &hasher)
    }
}

extension InstanceName: CustomStringConvertible {
    /// The name as it stands on the wire.
    public var description: String { text }
}
