// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// A `Digest` message under way: the parts that were seen so far, since a message may come in several pieces.
struct DigestParts {
    // Points into the reader's message; used before the reader ends.
    private var hash: UnsafeRawBufferPointer?
    private var size: Int64 = 0

    /// Takes the parts that the `Digest` message in front of `reader` has.
    mutating func merge(_ reader: inout WireReader) throws(MalformedValue) {
        try reader.message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited):
                    if let hash { _ = try WireReader.text(hash) }
                    hash = try reader.run()
                case (2, .varint): size = Int64(bitPattern: try reader.varint())
                default: try reader.skip(tag)
                }
            }
        }
    }

    /// The digest of these parts.
    func digest(_ function: DigestFunction?) throws(MalformedValue) -> Digest {
        try Digest(
            function, hexadecimal: hash ?? UnsafeRawBufferPointer(start: nil, count: 0), size: Int(size))
    }

    /// What these parts claim.
    ///
    /// - Throws: ``MalformedValue`` when the hash is no text at all, which spoils the message and not just the digest.
    func claim(_ function: DigestFunction?) throws(MalformedValue) -> DigestClaim {
        do throws(MalformedValue) {
            return .wellFormed(try digest(function))
        } catch {
            return .malformed(hash: try hash.map(WireReader.text) ?? "", size: size, error)
        }
    }
}

extension WireReader {
    /// One of many digests.
    mutating func digest(_ function: DigestFunction?) throws(MalformedValue) -> Digest {
        var parts = DigestParts()
        try parts.merge(&self)
        return try parts.digest(function)
    }

    /// One of many digests, which may not be one.
    mutating func claim(_ function: DigestFunction?) throws(MalformedValue) -> DigestClaim {
        var parts = DigestParts()
        try parts.merge(&self)
        return try parts.claim(function)
    }
}
