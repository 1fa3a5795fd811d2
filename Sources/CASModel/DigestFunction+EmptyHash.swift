// SPDX-License-Identifier: Apache-2.0

extension DigestFunction {
    /// The hash of no bytes, for the functions that content can be hashed with; else nil.
    @usableFromInline
    var emptyHash: HashValue? {
        switch self {
        case .sha256: Self.emptySHA256
        case .sha1, .md5, .vso, .sha384, .sha512, .murmur3, .sha256tree, .blake3, .gitsha1: nil
        }
    }

    private static let emptySHA256 = HashValue { bytes in
        // FIPS 180-4; the digest of the empty message.
        let words: [UInt64] = [
            0xe3b0_c442_98fc_1c14, 0x9afb_f4c8_996f_b924, 0x27ae_41e4_649b_934c, 0xa495_991b_7852_b855,
        ]
        for (position, word) in words.enumerated() {
            bytes.storeBytes(of: word.bigEndian, toByteOffset: position * 8, as: UInt64.self)
        }
    }
}
