// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import RemoteAPI
internal import SwiftProtobuf

/// A local tree with the digests of its files and directories.
///
/// An encoded directory is made again when it is sent, so that the tree takes no memory for it.
struct HashedTree: Sendable {
    let local: LocalTree
    let fileDigests: [Digest]
    private(set) var folderDigests: [Digest]

    /// The digest of the root directory.
    var root: Digest { folderDigests[0] }

    /// Hashes the directories of `local` from the leaves to the root.
    init(_ local: LocalTree, fileDigests: [Digest]) throws {
        self.local = local
        self.fileDigests = fileDigests
        folderDigests = [Digest](repeating: .ofNothing, count: local.folders.count)
        for folder in (0..<local.folders.count).reversed() {
            folderDigests[folder] = try Digest.of(encoded(folder))
        }
    }

    /// The canonical `Directory` message of a directory: everything in it sorted by name, no node properties.
    func encoded(_ folder: Int) throws -> Bytes {
        let contents = local.contents[folder]
        var message = Directory()
        message.files = contents.files.map { number in
            var node = FileNode()
            node.name = local.files[number].name
            node.digest = DigestMessage(fileDigests[number])
            node.isExecutable = local.files[number].isExecutable
            return node
        }
        message.directories = contents.folders.map { number in
            var node = DirectoryNode()
            node.name = local.folders.name(of: number)
            node.digest = DigestMessage(folderDigests[number])
            return node
        }
        message.symlinks = contents.symlinks.map { number in
            var node = SymlinkNode()
            node.name = local.symlinks[number].name
            node.target = local.symlinks[number].target
            return node
        }
        return Bytes(try message.serializedBytes() as [UInt8])
    }
}
