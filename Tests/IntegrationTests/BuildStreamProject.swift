// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

/// A BuildStream project of imported files, which builds without a sandbox and is checked out as it was made.
struct BuildStreamProject: Sendable {
    /// The element that everything else is a dependency of.
    static let target = "all.bst"

    /// The folder with `project.conf`.
    let folder: URL

    /// What a checkout of the target must look like.
    let files: URL

    /// How many elements there are, the target among them: as many artifacts are pushed and pulled.
    let elementCount: Int

    /// Writes a project whose names, sizes and bytes follow from the generator.
    init(in folder: URL, formatVersion: Int, random: inout SeededRandom) throws {
        self.folder = folder
        files = folder.appending(path: "files", directoryHint: .isDirectory)
        let imports = ["kinds", "sizes", "swarm"]
        elementCount = imports.count + 1

        try Self.write(
            "name: casemate\nformat-version: \(formatVersion)\nelement-path: elements\n", to: "project.conf",
            in: folder)
        for name in imports {
            let element =
                "kind: import\nsources:\n- kind: local\n  path: files/\(name)\nconfig:\n  target: /\(name)\n"
            try Self.write(element, to: "elements/\(name).bst", in: folder)
        }
        let stack = "kind: stack\ndepends:\n" + imports.map { "- \($0).bst\n" }.joined()
        try Self.write(stack, to: "elements/\(Self.target)", in: folder)

        try Self.writeKinds(in: files.appending(path: "kinds"), random: &random)
        try Self.writeSizes(in: files.appending(path: "sizes"), random: &random)
        try Self.writeSwarm(in: files.appending(path: "swarm"), random: &random)
    }

    /// One of each kind of entry, and names that are easy to get wrong.
    private static func writeKinds(in folder: URL, random: inout SeededRandom) throws {
        let manager = FileManager.default
        try write(random.data(300), to: "one/two/three/four/deep", in: folder)
        try write("#!/bin/sh\nexec true\n", to: "bin/run", in: folder)
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/bin/run")
        try manager.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "one/two")
        try manager.createSymbolicLink(
            atPath: folder.path + "/dangling", withDestinationPath: "nowhere/at all")
        try write(Data(), to: "empty", in: folder)
        try manager.createDirectory(
            at: folder.appending(path: "empty folder/in a folder"), withIntermediateDirectories: true)
        // «é» as one character and as two: one name to a comparison of Unicode strings, two to the protocol.
        for name in [
            "a name with spaces", "ünïcödé – 名前 – имя", "caf\u{E9}", "cafe\u{301}", "\u{10348}", "-x",
            ".hidden",
        ] {
            try write(random.data(.random(in: 1...200, using: &random)), to: "names/\(name)", in: folder)
        }
    }

    /// Sizes around those where a client changes from batches to ByteStream, and where it splits messages.
    private static func writeSizes(in folder: URL, random: inout SeededRandom) throws {
        let mebibyte = 1 << 20
        let large = 5 * mebibyte + .random(in: 1..<mebibyte, using: &random)
        for size in [1, mebibyte - 1, mebibyte, mebibyte + 1, 5 * mebibyte, large] {
            try write(random.data(size), to: "\(size)", in: folder)
        }
    }

    /// More small files than one FindMissing call carries (512), some of them with equal contents.
    private static func writeSwarm(in folder: URL, random: inout SeededRandom) throws {
        for index in 0..<640 {
            let bytes =
                index % 16 == 0
                ? Data("the same in many places\n".utf8)
                : random.data(.random(in: 0...4_000, using: &random))
            try write(bytes, to: "\(index % 7)/\(index)", in: folder)
        }
    }

    private static func write(_ text: String, to path: String, in folder: URL) throws {
        try write(Data(text.utf8), to: path, in: folder)
    }

    private static func write(_ bytes: Data, to path: String, in folder: URL) throws {
        let file = folder.appending(path: path, directoryHint: .notDirectory)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
    }
}
