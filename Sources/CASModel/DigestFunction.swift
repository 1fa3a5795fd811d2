// SPDX-License-Identifier: Apache-2.0

/// A function that names content, with its number in the Remote Execution API (`DigestFunction.Value`).
public enum DigestFunction: UInt8, Sendable, CaseIterable {
    case sha256 = 1
    case sha1 = 2
    case md5 = 3
    case vso = 4
    case sha384 = 5
    case sha512 = 6
    case murmur3 = 7
    case sha256tree = 8
    case blake3 = 9
    case gitsha1 = 10

    /// The length of a hash, in bytes.
    public var hashLength: Int {
        switch self {
        case .md5, .murmur3: 16
        case .sha1, .gitsha1: 20
        case .sha256, .sha256tree, .blake3: 32
        case .vso: 33
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The lower-case name.
    public var name: String {
        switch self {
        case .sha256: "sha256"
        case .sha1: "sha1"
        case .md5: "md5"
        case .vso: "vso"
        case .sha384: "sha384"
        case .sha512: "sha512"
        case .murmur3: "murmur3"
        case .sha256tree: "sha256tree"
        case .blake3: "blake3"
        case .gitsha1: "gitsha1"
        }
    }

    /// Whether a resource name has a segment with the function's name (PROTOCOL.md N10).
    ///
    /// The functions without one are told apart by the length of the hash.
    public var isNamedInResources: Bool {
        switch self {
        case .sha256, .sha1, .md5, .sha384, .sha512: false
        case .vso, .murmur3, .sha256tree, .blake3, .gitsha1: true
        }
    }

    /// The function whose name `segment` is, if resource names carry it.
    public init?(resourceSegment segment: some StringProtocol) {
        guard let function = Self.allCases.first(where: { $0.isNamedInResources && $0.name == segment })
        else {
            return nil
        }
        self = function
    }

    /// The function that a hash of `digits` hexadecimal digits is of when none is named (PROTOCOL.md N2).
    public init?(inferredFromDigits digits: Int) {
        switch digits {
        case Self.sha256.hashLength * 2: self = .sha256
        case Self.sha1.hashLength * 2: self = .sha1
        case Self.md5.hashLength * 2: self = .md5
        case Self.sha384.hashLength * 2: self = .sha384
        case Self.sha512.hashLength * 2: self = .sha512
        default: return nil
        }
    }
}
