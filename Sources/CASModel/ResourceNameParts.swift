// SPDX-License-Identifier: Apache-2.0

/// The segments of a resource name, taken from the front one after the other.
struct ResourceNameParts {
    let text: String
    let segments: [Substring]
    private var position = 0

    init(_ text: String) {
        self.text = text
        segments = text.slashSeparated
    }

    var isAtEnd: Bool { position == segments.count }

    func malformed(_ problem: String) -> MalformedValue {
        MalformedValue("The resource name \(MalformedValue.quoted(text)) \(problem).")
    }

    /// Everything in front of the first segment that is one of `keywords`; stops at that segment.
    mutating func takeInstance(upTo keywords: Substring...) throws(MalformedValue) -> InstanceName {
        guard let keyword = segments.firstIndex(where: { keywords.contains($0) }) else {
            throw malformed("has no segment “\(keywords.joined(separator: "” or “"))”")
        }
        position = keyword
        guard keyword > 0 else { return .unnamed }
        let instance = text[..<segments[keyword - 1].endIndex]
        guard !instance.isEmpty else { throw malformed("starts with a slash") }
        return try InstanceName(instance)
    }

    mutating func skipKeyword() {
        position += 1
    }

    mutating func takeIdentifier() throws(MalformedValue) -> String {
        guard let segment = next(), !segment.isEmpty else { throw malformed("has no upload identifier") }
        guard segment.utf8.count <= InstanceName.maximumLength else {
            throw malformed("has an upload identifier of more than \(InstanceName.maximumLength) bytes")
        }
        return String(segment)
    }

    mutating func takeCompressor() throws(MalformedValue) -> Compressor {
        switch next() {
        case "blobs": return .identity
        case "compressed-blobs":
            let name = next() ?? ""
            guard let compressor = Compressor.allCases.first(where: { $0.name == name && $0 != .identity })
            else {
                throw malformed("has the unknown compressor \(MalformedValue.quoted(name))")
            }
            return compressor
        default: throw malformed("has no segment “blobs” or “compressed-blobs” where it is expected")
        }
    }

    mutating func takeDigest() throws(MalformedValue) -> Digest {
        guard var hash = next() else { throw malformed("ends before the hash") }
        let function = DigestFunction(resourceSegment: hash)
        if function != nil { hash = next() ?? "" }
        guard let size = next() else { throw malformed("ends before the size") }
        return try Digest(function, hexadecimal: hash, size: try Self.parseSize(size))
    }

    /// The number that `text` spells in canonical decimal: no sign, no leading zero (PROTOCOL.md N1).
    private static func parseSize(_ text: Substring) throws(MalformedValue) -> Int {
        let isCanonical = text.utf8.first != UInt8(ascii: "0") || text.utf8.count == 1
        let areDigits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isCanonical, areDigits, let size = Int(text) else {
            throw MalformedValue("Expected a size in decimal digits, found \(MalformedValue.quoted(text)).")
        }
        return size
    }

    private mutating func next() -> Substring? {
        guard position < segments.count else { return nil }
        defer { position += 1 }
        return segments[position]
    }
}
