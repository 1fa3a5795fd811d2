// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Testing

@Suite struct ContentHasherTests {
    /// FIPS 180-4 examples, by NIST.
    private static let vectors = [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors) func `known content has its known digest`(
        text: String, times: Int, hash: String
    ) throws {
        let content = Bytes(utf8: String(repeating: text, count: times))
        let digest = try Digest.of(content)
        #expect(digest == (try Digest(.sha256, hexadecimal: hash, size: content.count)))
    }

    @Test func `content may be cut anywhere`() throws {
        let content = Bytes((0..<200).map { UInt8($0) })
        let digest = try Digest.of(content)
        for cut in 0...200 {
            let hasher = try ContentHasher(.sha256)
            hasher.update(content[0..<cut])
            #expect(hasher.size == cut)
            hasher.update(content[cut..<200])
            #expect(hasher.finish() == digest)
            #expect(try Digest.of(ByteChain([content[0..<cut], content[cut..<200]])) == digest)
        }
    }

    @Test(arguments: SeededRandom.seeds()) func `a million letters may be cut anywhere`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let content = Bytes(utf8: String(repeating: "a", count: 1_000_000))
        let digest = try Digest(.sha256, hexadecimal: Self.vectors[3].2, size: 1_000_000)
        for longest in [10_000, 100_000, 1_000_000] {
            #expect(try Digest.of(random.cut(content, longest: longest)) == digest)
        }
    }

    @Test func `pieces without bytes change nothing`() throws {
        let hasher = try ContentHasher(.sha256)
        hasher.update(Bytes())
        hasher.update(UnsafeRawBufferPointer(start: nil, count: 0))
        hasher.update(Bytes(utf8: "abc"))
        hasher.update(ByteChain())
        #expect(hasher.finish().hexadecimal == Self.vectors[1].2)
    }

    @Test func `a hasher may go on in another task`() async throws {
        let hasher = try ContentHasher(.sha256)
        hasher.update(Bytes(utf8: "a"))
        await Task { hasher.update(Bytes(utf8: "bc")) }.value
        #expect(hasher.size == 3)
        #expect(hasher.finish().hexadecimal == Self.vectors[1].2)
    }
}
