// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// A digest as the other side wrote it, which may not be one; kept as it came, so that an answer can repeat it
/// (PROTOCOL.md U2, B2).
public enum DigestClaim: Sendable, Equatable {
    /// It is a digest.
    case wellFormed(Digest)
    /// It is none: what was written, and what is wrong with it.
    case malformed(hash: String, size: Int64, MalformedValue)

    /// The claim that `hash` and `size` make.
    ///
    /// - Parameter function: the function named by the message; nil infers it from the length of the hash.
    public init(_ function: DigestFunction?, hash: String, size: Int64) {
        do throws(MalformedValue) {
            self = .wellFormed(try Digest(function, hexadecimal: hash, size: Int(size)))
        } catch {
            self = .malformed(hash: hash, size: size, error)
        }
    }

    /// The digest.
    ///
    /// - Throws: ``MalformedValue`` when it is none.
    public func get() throws(MalformedValue) -> Digest {
        switch self {
        case .wellFormed(let digest): return digest
        case .malformed(_, _, let problem): throw problem
        }
    }
}
