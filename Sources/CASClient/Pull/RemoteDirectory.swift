// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

/// A directory of a tree on a server, whose names can be written to a disk without harm.
struct RemoteDirectory: Sendable {
    struct File: Sendable {
        let name: String
        let digest: Digest
        let isExecutable: Bool
    }

    struct Subdirectory: Sendable {
        let name: String
        let digest: Digest
    }

    struct Symlink: Sendable {
        let name: String
        let target: String
    }

    let files: [File]
    let directories: [Subdirectory]
    let symlinks: [Symlink]

    var entryCount: Int { files.count + directories.count + symlinks.count }

    /// The directory that `content` encodes.
    ///
    /// - Throws: ``MalformedValue`` that says what is wrong with it: a name that would lead out of the directory, or
    ///   stands in it twice; a digest that is none.
    init(_ content: ByteChain) throws(MalformedValue) {
        let message: Directory
        do {
            message = try MessageCodec<Directory>.protobuf.decode(content)
        } catch {
            throw MalformedValue("It is not an encoded Directory.")
        }
        files = try message.files.map { (node) throws(MalformedValue) in
            File(name: node.name, digest: try Digest(node.digest), isExecutable: node.isExecutable)
        }
        directories = try message.directories.map { (node) throws(MalformedValue) in
            Subdirectory(name: node.name, digest: try Digest(node.digest))
        }
        symlinks = message.symlinks.map { Symlink(name: $0.name, target: $0.target) }
        try checkNames()
        for symlink in symlinks { try Self.check(target: symlink) }
    }

    private func checkNames() throws(MalformedValue) {
        var seen: Set<FileName> = []
        seen.reserveCapacity(entryCount)
        for name in [files.map(\.name), directories.map(\.name), symlinks.map(\.name)].joined() {
            try Self.check(name)
            guard seen.insert(FileName(name)).inserted else {
                throw MalformedValue("It has the name “\(Printable.quoting(name))” twice.")
            }
        }
    }

    private static func check(_ name: String) throws(MalformedValue) {
        guard !name.isEmpty else { throw MalformedValue("It has an entry with an empty name.") }
        guard name != ".", name != ".." else { throw MalformedValue("It has an entry named “\(name)”.") }
        guard !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0) else {
            throw MalformedValue("The name “\(Printable.quoting(name))” has a slash or a NUL in it.")
        }
    }

    private static func check(target symlink: Symlink) throws(MalformedValue) {
        guard !symlink.target.isEmpty, !symlink.target.utf8.contains(0) else {
            throw MalformedValue(
                "The symlink “\(Printable.quoting(symlink.name))” has an empty target, or one with a NUL.")
        }
    }
}
