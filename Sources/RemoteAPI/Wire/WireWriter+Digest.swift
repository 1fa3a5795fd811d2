// SPDX-License-Identifier: Apache-2.0

internal import CASModel

extension WireWriter {
    /// A field with a `Digest` message.
    mutating func digest(_ field: Int, _ digest: Digest) {
        startDelimited(field, length: WireSize.content(digest))
        let digits = 2 * digest.function.hashLength
        startDelimited(1, length: digits)
        append(length: digits) { room in
            digest.withUnsafeHash { Hexadecimal.encode($0, into: room) }
        }
        varint(2, Int64(digest.size))
    }

    /// A field with a `Digest` message that says what the claim said.
    mutating func digest(_ field: Int, _ claim: DigestClaim) {
        switch claim {
        case .wellFormed(let digest): self.digest(field, digest)
        case .malformed(let hash, let size, _):
            startDelimited(field, length: WireSize.content(claim))
            text(1, hash)
            varint(2, size)
        }
    }
}

extension WireSize {
    /// The content of a `Digest` message.
    static func content(_ digest: Digest) -> Int {
        delimited(2 * digest.function.hashLength) + varint(Int64(digest.size))
    }

    /// The content of a `Digest` message.
    static func content(_ claim: DigestClaim) -> Int {
        switch claim {
        case .wellFormed(let digest): content(digest)
        case .malformed(let hash, let size, _): text(hash) + varint(size)
        }
    }

    /// A field with a `Digest` message.
    static func digest(_ digest: Digest) -> Int { delimited(content(digest)) }

    /// A field with a `Digest` message.
    static func digest(_ claim: DigestClaim) -> Int { delimited(content(claim)) }
}
