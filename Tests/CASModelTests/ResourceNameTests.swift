// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Testing

/// PROTOCOL.md N1 and N7–N12, as far as resource names are concerned.
@Suite struct ResourceNameTests {
    private static let hash = DigestTests.hash
    private static let md5 = String(repeating: "0a", count: 16)
    private static let team = try! InstanceName("team")
    private static let deep = try! InstanceName("a/b-c/d")

    private static func digest(_ function: DigestFunction = .sha256, _ hash: String = hash, _ size: Int = 140)
        -> Digest
    {
        try! Digest(function, hexadecimal: hash, size: size)
    }

    private static func upload(
        _ digest: Digest, in instance: InstanceName = .unnamed, packed compressor: Compressor = .identity
    ) -> UploadKey {
        UploadKey(instance: instance, identifier: "u", digest: digest, compressor: compressor)
    }

    private static let namesToWrite: [(String, UploadKey)] = [
        ("uploads/u/blobs/\(hash)/140", upload(digest())),
        ("team/uploads/u/blobs/\(hash)/140", upload(digest(), in: team)),
        ("a/b-c/d/uploads/u/blobs/\(hash)/140", upload(digest(), in: deep)),
        ("uploads/u/blobs/\(hash)/0/file.txt", upload(digest(.sha256, hash, 0))),
        ("uploads/u/blobs/\(hash)/140/a//blobs/../\u{1}", upload(digest())),
        ("uploads/u/blobs/\(hash)/140/", upload(digest())),
        ("uploads/u/blobs/blake3/\(hash)/140", upload(digest(.blake3))),
        ("team/uploads/u/compressed-blobs/zstd/\(hash)/140", upload(digest(), in: team, packed: .zstd)),
        (
            "uploads/u/compressed-blobs/zstd/sha256tree/\(hash)/140/x",
            upload(digest(.sha256tree), packed: .zstd)
        ),
        ("uploads/u/compressed-blobs/deflate/\(md5)/140", upload(digest(.md5, md5), packed: .deflate)),
    ]

    @Test(arguments: namesToWrite) func `N7, N8, N10: a name to write names an upload`(
        text: String, key: UploadKey
    ) throws {
        #expect(try UploadKey(write: text) == key)
    }

    private static let namesToRead: [(String, ResourceName)] = [
        ("blobs/\(hash)/140", ResourceName(instance: .unnamed, digest: digest())),
        ("team/blobs/\(hash)/140", ResourceName(instance: team, digest: digest())),
        ("a/b-c/d/blobs/\(hash)/140", ResourceName(instance: deep, digest: digest())),
        (
            "blobs/\(hash)/9223372036854775807",
            ResourceName(instance: .unnamed, digest: digest(.sha256, hash, .max))
        ),
        ("blobs/\(md5)/1", ResourceName(instance: .unnamed, digest: digest(.md5, md5, 1))),
        ("blobs/murmur3/\(md5)/1", ResourceName(instance: .unnamed, digest: digest(.murmur3, md5, 1))),
        ("team/blobs/blake3/\(hash)/140", ResourceName(instance: team, digest: digest(.blake3))),
        (
            "team/compressed-blobs/zstd/\(hash)/140",
            ResourceName(instance: team, digest: digest(), compressor: .zstd)
        ),
        (
            "compressed-blobs/brotli/blake3/\(hash)/140",
            ResourceName(instance: .unnamed, digest: digest(.blake3), compressor: .brotli)
        ),
        ("\(hash)/140", ResourceName(instance: .unnamed, digest: digest())),
        ("\(md5)/0", ResourceName(instance: .unnamed, digest: digest(.md5, md5, 0))),
    ]

    @Test(arguments: namesToRead) func `N8, N9, N10: a name to read names a blob`(
        text: String, name: ResourceName
    ) throws {
        #expect(try ResourceName(read: text) == name)
    }

    @Test(arguments: [
        "-1", "+1", "01", "00", "-0", "", " 1", "1 ", "1.0", "1e3", "0x1", "1_000", "٣", "1\u{301}", "one",
        "1\0",
        "9223372036854775808", "18446744073709551617", "99999999999999999999999999",
    ]) func `N1: a size is a canonical decimal number`(size: String) {
        #expect(throws: MalformedValue.self) { try ResourceName(read: "blobs/\(Self.hash)/\(size)") }
        #expect(throws: MalformedValue.self) { try ResourceName(read: "\(Self.hash)/\(size)") }
        #expect(throws: MalformedValue.self) { try UploadKey(write: "uploads/u/blobs/\(Self.hash)/\(size)") }
        #expect(throws: MalformedValue.self) {
            try UploadKey(write: "uploads/u/blobs/\(Self.hash)/\(size)/x")
        }
    }

    private static let noNamesToRead: [String] = [
        "", "/", "//", "blobs", "blobs/", "blobs/\(hash)", "\(hash)", "/\(hash)/140", "blobs//140",
        "blobs/\(hash)/140/", "blobs/\(hash)/140/x", "blobs/\(hash.uppercased())/140", "blobs/\(hash)0/140",
        "\(hash.dropLast())/140", "blob/\(hash)/140", "Blobs/\(hash)/140", "compressed-blobs/\(hash)/140",
        "uploads/u/blobs/\(hash)/140", "team/\(hash)/140", "blobs/\(DigestTests.emptyHash)/1",
    ]

    @Test(arguments: noNamesToRead) func `N9: any other name to read is refused`(text: String) {
        #expect(throws: MalformedValue.self) { try ResourceName(read: text) }
    }

    private static let noNamesToWrite: [String] = [
        "", "uploads", "uploads/", "uploads/u", "uploads/u/blobs", "uploads/u/blobs/",
        "uploads/u/blobs/\(hash)",
        "uploads//blobs/\(hash)/140", "uploads/u//blobs/\(hash)/140", "uploads/u/\(hash)/140",
        "u/blobs/\(hash)/140",
        "upload/u/blobs/\(hash)/140", "uploads/u/v/blobs/\(hash)/140", "blobs/\(hash)/140", "\(hash)/140",
    ]

    @Test(arguments: noNamesToWrite) func `N7: any other name to write is refused`(text: String) {
        #expect(throws: MalformedValue.self) { try UploadKey(write: text) }
    }

    @Test(arguments: ["identity", "", "gzip", "ZSTD", "zstd ", "Zstd", "zstd\0", "..", hash])
    func `N8: an unknown compressor is refused`(name: String) {
        #expect(throws: MalformedValue.self) {
            try ResourceName(read: "compressed-blobs/\(name)/\(Self.hash)/140")
        }
        #expect(throws: MalformedValue.self) {
            try UploadKey(write: "uploads/u/compressed-blobs/\(name)/\(Self.hash)/140")
        }
    }

    @Test(arguments: [
        "sha256", "sha1", "md5", "SHA256", "BLAKE3", "blake3 ", "blake4", "unknown", "0", "", "..",
    ])
    func `N10: a function that has no segment, or is unknown, is refused`(name: String) {
        #expect(throws: MalformedValue.self) { try ResourceName(read: "blobs/\(name)/\(Self.hash)/140") }
        #expect(throws: MalformedValue.self) {
            try UploadKey(write: "uploads/u/blobs/\(name)/\(Self.hash)/140")
        }
    }

    @Test func `N10: a function with a segment still wants a hash of its length`() {
        #expect(throws: MalformedValue.self) { try ResourceName(read: "blobs/blake3/\(Self.md5)/140") }
        #expect(throws: MalformedValue.self) { try ResourceName(read: "blobs/murmur3/\(Self.hash)/140") }
    }

    private static let noInstances: [String] = [
        "actions", "actionResults", "operations", "capabilities", "a/actions", "actions/a", "/a", "a/",
        "a//b", "/", "//",
        "a\0b", "a\nb", "\u{7F}", "\u{85}", String(repeating: "a", count: 1_025),
    ]

    @Test(arguments: noInstances) func `N11: an instance that none may have is refused`(instance: String) {
        #expect(throws: MalformedValue.self) { try ResourceName(read: "\(instance)/blobs/\(Self.hash)/140") }
        #expect(throws: MalformedValue.self) {
            try UploadKey(write: "\(instance)/uploads/u/blobs/\(Self.hash)/140")
        }
        #expect(throws: MalformedValue.self) { try InstanceName(instance) }
    }

    @Test func `N11: a word of resource names in front of another is no instance`() {
        for word in ["blobs", "compressed-blobs", "uploads"] {
            #expect(throws: MalformedValue.self) { try ResourceName(read: "\(word)/blobs/\(Self.hash)/140") }
            #expect(throws: MalformedValue.self) {
                try UploadKey(write: "\(word)/uploads/u/blobs/\(Self.hash)/140")
            }
        }
    }

    private static let identifiers: [String] = [
        "u", "00000000-0000-0000-0000-000000000000", "blobs", "uploads", "compressed-blobs", "..", ".", "é",
        "a b", "%2F",
        String(repeating: "u", count: 1_024),
    ]

    @Test(arguments: identifiers) func `N12: any segment identifies an upload`(identifier: String) throws {
        let key = try UploadKey(write: "team/uploads/\(identifier)/blobs/\(Self.hash)/140")
        #expect(key.identifier == identifier)
        #expect(key.instance == Self.team)
        #expect(key.writeText == "team/uploads/\(identifier)/blobs/\(Self.hash)/140")
    }

    @Test func `N12: an identifier has a bound`() {
        let long = String(repeating: "u", count: 1_025)
        #expect(throws: MalformedValue.self) {
            try UploadKey(write: "uploads/\(long)/blobs/\(Self.hash)/140")
        }
    }

    @Test func `N12: uploads are told apart by instance, identifier, digest and compressor`() throws {
        let texts = [
            "uploads/u/blobs/\(Self.hash)/140", "team/uploads/u/blobs/\(Self.hash)/140",
            "uploads/v/blobs/\(Self.hash)/140", "uploads/u/blobs/\(Self.hash)/141",
            "uploads/u/blobs/blake3/\(Self.hash)/140", "uploads/u/compressed-blobs/zstd/\(Self.hash)/140",
        ]
        #expect(Set(try texts.map { try UploadKey(write: $0) }).count == texts.count)
    }

    @Test(arguments: SeededRandom.seeds()) func `any name comes back from its text`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let function = DigestFunction.allCases.randomElement(using: &random)!
            let size = Int.random(in: 0 ... .max, using: &random)
            let digest = try random.bytes(function.hashLength).withUnsafeBytes {
                try Digest(function, hash: $0, size: size)
            }
            let instance = try InstanceName(["", "a", "team/é", "x/y/z"].randomElement(using: &random)!)
            let compressor = Compressor.allCases.randomElement(using: &random)!
            let name = ResourceName(instance: instance, digest: digest, compressor: compressor)
            #expect(try ResourceName(read: name.readText) == name)
            let key = UploadKey(
                instance: instance, identifier: "\(random.next())", digest: digest, compressor: compressor)
            #expect(try UploadKey(write: key.writeText) == key)
        }
    }

    @Test(arguments: SeededRandom.seeds()) func `no garbage is taken for a name or stops the process`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let parts = [
            "blobs", "uploads", "compressed-blobs", "zstd", "blake3", "/", "/", "/", "", "..", "\0", "é",
            "\u{301}", "1",
            "-1", Self.hash, Self.md5, "team", "\r\n", "🧪",
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                parts.randomElement(using: &random)!
            }
            .joined()
            if let name = try? ResourceName(read: text), name.readText != text {
                #expect(
                    name.readText == "blobs/" + text, "Only the short form is read differently")
            }
            if let key = try? UploadKey(write: text) {
                #expect(text.utf8.starts(with: key.writeText.utf8))
            }
        }
    }
}
