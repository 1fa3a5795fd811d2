// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// Where in a walk a page ended: how many directories were sent, and the last of them.
///
/// Says all that any server process needs to go on (PROTOCOL.md T3); the digest tells a token of another tree.
struct PageToken: Equatable {
    let sentCount: Int
    let last: Digest

    var text: String { "\(sentCount)-\(last.hexadecimal)-\(last.size)" }

    init(sentCount: Int, last: Digest) {
        self.sentCount = sentCount
        self.last = last
    }

    /// The token in `text`, or nil if it is empty.
    init?(_ text: String, _ function: DigestFunction) throws(MalformedValue) {
        guard !text.isEmpty else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let sentCount = Int(parts[0]), sentCount > 0, let size = Int(parts[2]) else {
            throw Self.foreign
        }
        self.init(sentCount: sentCount, last: try Digest(function, hexadecimal: parts[1], size: size))
        guard self.text == text else { throw Self.foreign }
    }

    static let foreign = MalformedValue("The page token is not one that this service gave out for this tree.")
}
