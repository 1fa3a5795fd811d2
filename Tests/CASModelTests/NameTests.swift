// SPDX-License-Identifier: Apache-2.0

import CASModel
import Testing

/// PROTOCOL.md N11 and N13.
@Suite struct NameTests {
    private static let instances: [String] = [
        "", "a", "a/b/c", "blob", "Blobs", "my-blobs", "é", "a b", ".", "..",
        String(repeating: "a", count: 1_024),
    ]

    @Test(arguments: instances) func `N11: a name of plain segments is an instance`(text: String) throws {
        #expect(try InstanceName(text).text == text)
        #expect("\(try InstanceName(text))" == text)
    }

    private static let noInstances: [String] = [
        "blobs", "uploads", "actions", "actionResults", "operations", "capabilities", "compressed-blobs",
        "a/blobs",
        "blobs/a", "a/uploads/b", "/", "//", "/a", "a/", "a//b", "\0", "a\0", "a\tb", "\u{7F}", "\u{80}",
        "a/\u{9F}",
        String(repeating: "a", count: 1_025), String(repeating: "é", count: 513),
    ]

    @Test(arguments: noInstances)
    func `N11: a reserved or empty segment, a control character or too many bytes are refused`(
        text: String
    ) {
        #expect(throws: MalformedValue.self) { try InstanceName(text) }
    }

    @Test func `N11: a combining mark does not hide a slash`() {
        #expect(throws: MalformedValue.self) { try InstanceName("a/\u{301}/blobs") }
        #expect(throws: MalformedValue.self) { try InstanceName("blobs/\u{301}") }
        #expect(throws: MalformedValue.self) { try InstanceName("a//\u{301}") }
    }

    private static let keys: [String] = [
        "a", "a/b", "project/element/0123", "...", "a..b", ".a", "a.", " ", "~", "\\", "*", "é", "日本/🧪",
        "\u{A0}",
        String(repeating: "k", count: 4_096), String(repeating: "k/", count: 2_047) + "k",
    ]

    @Test(arguments: keys) func `N13: a relative path without tricks is a key`(text: String) throws {
        #expect(try ReferenceKey(text).text == text)
        #expect("\(try ReferenceKey(text))" == text)
    }

    private static let noKeys: [String] = [
        "", "/", "//", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b",
        "a/../../etc/passwd",
        "\0", "a\0b", "a\nb", "a\r\nb", "\u{1B}[0m", "\u{7F}", "\u{80}", "\u{85}", "a\u{9F}",
        String(repeating: "k", count: 4_097), String(repeating: "é", count: 2_049),
    ]

    @Test(arguments: noKeys) func `N13: any other text is no key`(text: String) {
        #expect(throws: MalformedValue.self) { try ReferenceKey(text) }
    }

    @Test(arguments: ["../\u{301}a", "a/..\u{2F}\u{301}b", "a//\u{338}b", "\u{301}/../\u{301}"])
    func `N13: a combining mark does not hide a slash`(text: String) {
        #expect(throws: MalformedValue.self) { try ReferenceKey(text) }
    }

    @Test func `names are told apart by their bytes`() throws {
        let spellings = [
            "\u{E9}", "e\u{301}", "\u{1E0B}\u{323}", "\u{1E0D}\u{307}", "d\u{323}\u{307}", "d\u{307}\u{323}",
        ]
        #expect(Set(try spellings.map { try ReferenceKey($0) }).count == spellings.count)
        #expect(Set(try spellings.map { try InstanceName($0) }).count == spellings.count)
        #expect(try ReferenceKey("é") == ReferenceKey("é"))
        #expect(try InstanceName("é").hashValue == InstanceName("é").hashValue)
    }

    @Test func `a message quotes what was found without its control characters, and not all of it`() {
        #expect(MalformedValue.quoted("a\u{1B}\nb") == "“a\u{FFFD}\u{FFFD}b”")
        #expect(MalformedValue.quoted(String(repeating: "é", count: 100)).unicodeScalars.count == 102)
        #expect(MalformedValue.quoted(String(repeating: "é", count: 101)).hasSuffix("é…”"))
    }

    @Test func `functions and compressors have the numbers and names of the specification`() {
        let functions = [
            "sha256", "sha1", "md5", "vso", "sha384", "sha512", "murmur3", "sha256tree", "blake3", "gitsha1",
        ]
        #expect(DigestFunction.allCases.map(\.name) == functions)
        #expect(DigestFunction.allCases.map(\.rawValue) == Array(1...10))
        #expect(Compressor.allCases.map(\.name) == ["identity", "zstd", "deflate", "brotli"])
        #expect(Compressor.allCases.map(\.rawValue) == Array(0...3))
    }
}
