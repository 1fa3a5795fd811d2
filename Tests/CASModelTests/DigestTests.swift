// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Testing

/// PROTOCOL.md N1–N6, as far as a digest is concerned.
@Suite struct DigestTests {
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

    @Test func `a digest is what it was parsed from`() throws {
        let digest = try Digest(.sha256, hexadecimal: Self.hash, size: 140)
        #expect(digest.function == .sha256)
        #expect(digest.hexadecimal == Self.hash)
        #expect(digest.size == 140)
        #expect("\(digest)" == Self.hash + "/140")
        #expect(digest.withUnsafeHash { Array($0.prefix(2)) } == [0x01, 0x23])
        #expect(digest.withUnsafeHash { $0.count } == 32)
    }

    private static let noHashes: [String] = [
        "", "0", "\(hash.uppercased())", "A\(hash.dropFirst())", "\(hash.dropLast())F", "\(hash.dropLast())",
        "\(hash)0", "\(hash)00", "\(hash.dropLast())g", "\(hash.dropLast()) ", " \(hash.dropFirst())",
        "\0\(hash.dropFirst())", "\(hash.dropLast())\n", "0x\(hash.dropFirst(2))", "+\(hash.dropFirst())",
        "-\(hash.dropFirst())", "\(hash.dropLast(2))é", "\(hash.dropLast(3))０", "../\(hash.dropFirst(3))",
    ]

    @Test(arguments: noHashes) func `N1: what is no hash is refused`(hash: String) {
        #expect(throws: MalformedValue.self) { try Digest(.sha256, hexadecimal: hash, size: 1) }
        #expect(throws: MalformedValue.self) { try Digest(nil, hexadecimal: hash, size: 1) }
    }

    @Test(arguments: DigestFunction.allCases) func `N1: the length is that of the function`(
        function: DigestFunction
    ) throws {
        for other in DigestFunction.allCases {
            let hash = String(repeating: "ab", count: other.hashLength)
            if other.hashLength == function.hashLength {
                let digest = try Digest(function, hexadecimal: hash, size: 3)
                #expect(digest.hexadecimal == hash && digest.function == function)
            } else {
                #expect(throws: MalformedValue.self) { try Digest(function, hexadecimal: hash, size: 3) }
            }
        }
    }

    @Test(arguments: [-1, .min]) func `N1: a negative size is refused`(size: Int) {
        #expect(throws: MalformedValue.self) { try Digest(.sha256, hexadecimal: Self.hash, size: size) }
    }

    @Test(arguments: [0, 1, 1 << 32, .max]) func `N1: any other size is taken`(size: Int) throws {
        #expect(try Digest(.sha256, hexadecimal: Self.hash, size: size).size == size)
    }

    @Test(arguments: [
        (16, DigestFunction.md5), (20, .sha1), (32, .sha256), (48, .sha384), (64, .sha512),
    ]) func `N2: an unnamed function is inferred from the length`(length: Int, function: DigestFunction)
        throws
    {
        let hash = String(repeating: "0f", count: length)
        #expect(try Digest(nil, hexadecimal: hash, size: 1).function == function)
    }

    @Test func `N2: no other length lets a function be inferred`() {
        for digits in 0...200 where ![32, 40, 64, 96, 128].contains(digits) {
            #expect(DigestFunction(inferredFromDigits: digits) == nil, "\(digits)")
        }
    }

    @Test func `N3: content is hashed with the functions that are offered, and no other`() throws {
        for function in DigestFunction.allCases {
            if ContentHasher.functions.contains(function) {
                #expect(try Digest.of(Bytes(utf8: "a"), function).function == function)
            } else {
                #expect(throws: MalformedValue.self) { try ContentHasher(function) }
                #expect(throws: MalformedValue.self) { try Digest.of(Bytes(utf8: "a"), function) }
            }
        }
    }

    @Test func `N4: the empty blob is known by its digest`() throws {
        for function in ContentHasher.functions { #expect(try Digest.of(Bytes(), function).isOfEmptyBlob) }
        #expect(try Digest(.sha256, hexadecimal: Self.emptyHash, size: 0).isOfEmptyBlob)
        #expect(try !Digest(.sha256, hexadecimal: Self.hash, size: 0).isOfEmptyBlob)
        for function in DigestFunction.allCases {
            let zero = String(repeating: "00", count: function.hashLength)
            #expect(try !Digest(function, hexadecimal: zero, size: 0).isOfEmptyBlob)
            #expect(try Digest(function, hexadecimal: zero, size: 5).size == 5)
        }
    }

    @Test(arguments: [1, 140, .max]) func `N5: the empty hash goes with no other size`(size: Int) {
        #expect(throws: MalformedValue.self) { try Digest(.sha256, hexadecimal: Self.emptyHash, size: size) }
        #expect(throws: MalformedValue.self) { try Digest(nil, hexadecimal: Self.emptyHash, size: size) }
    }

    @Test func `N6: digests of one hash and two sizes, or two functions, are two`() throws {
        let digests = [
            try Digest(.sha256, hexadecimal: Self.hash, size: 1),
            try Digest(.sha256, hexadecimal: Self.hash, size: 2),
            try Digest(.blake3, hexadecimal: Self.hash, size: 1),
            try Digest(.sha256, hexadecimal: Self.hash.dropLast() + "0", size: 1),
        ]
        #expect(Set(digests).count == 4)
        #expect(try Digest(nil, hexadecimal: Self.hash, size: 1) == digests[0])
    }

    @Test func `raw bytes must have the length of the function`() throws {
        let bytes = [UInt8](repeating: 7, count: 64)
        for length in 0...64 {
            let isRight = length == 20
            let digest = bytes.withUnsafeBytes { bytes in
                try? Digest(.sha1, hash: UnsafeRawBufferPointer(rebasing: bytes[..<length]), size: 1)
            }
            #expect((digest != nil) == isRight)
            if let digest { #expect(digest.hexadecimal == String(repeating: "07", count: 20)) }
        }
        #expect(throws: MalformedValue.self) {
            try bytes.withUnsafeBytes { try Digest(.sha512, hash: $0, size: -1) }
        }
    }

    @Test(arguments: SeededRandom.seeds()) func `any digest comes back from its text and its bytes`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let function = DigestFunction.allCases.randomElement(using: &random)!
            let hash = random.bytes(function.hashLength)
            let size = Int.random(in: 0 ... .max, using: &random)
            let digest = try hash.withUnsafeBytes { try Digest(function, hash: $0, size: size) }
            #expect(
                try Digest(function, hexadecimal: digest.hexadecimal, size: size) == digest)
            #expect(digest.withUnsafeHash { Array($0) } == Array(hash))
        }
    }
}
