// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// Everything that a tree on a server becomes on a disk, and which blobs that takes.
struct TreePlan: Sendable {
    struct File: Sendable {
        let name: String
        let folder: Int
        let isExecutable: Bool
        let digest: Digest
        /// Another file with the same content, for which it has not to be fetched again.
        var nextWithSameContent: Int?
    }

    struct Symlink: Sendable {
        let name: String
        let folder: Int
        let target: String
    }

    /// A blob to fetch, and the first file that it is for.
    struct Blob: Sendable {
        let digest: Digest
        var firstFile: Int
    }

    private(set) var folders = FolderTable()
    private(set) var files: [File] = []
    private(set) var symlinks: [Symlink] = []
    private(set) var blobs: [Blob] = []

    /// The files without content, which need no blob.
    private(set) var emptyFiles: [Int] = []

    private var blobNumbers: [Digest: Int] = [:]
    private let entriesAtMost: Int

    /// The plan for the tree below `root`, all of whose directories are in `directories`.
    ///
    /// - Throws: ``ClientError`` when there are more than `entriesAtMost` entries: a few directories that hold each
    ///   other many times can spell out more than any disk can.
    init(_ root: Digest, in directories: [Digest: RemoteDirectory], entriesAtMost: Int) throws {
        self.entriesAtMost = entriesAtMost
        var digests = [root]
        var number = 0
        while number < digests.count {
            try Task.checkCancellation()
            guard let directory = directories[digests[number]] else {
                preconditionFailure("all directories were read")
            }
            try add(directory, as: number)
            for child in directory.directories {
                _ = folders.add(child.name, in: number)
                digests.append(child.digest)
            }
            number += 1
        }
        blobNumbers = [:]
    }

    private mutating func add(_ directory: RemoteDirectory, as folder: Int) throws {
        guard folders.count + files.count + symlinks.count + directory.entryCount <= entriesAtMost else {
            throw Self.tooManyEntries(entriesAtMost)
        }
        for file in directory.files { add(file, in: folder) }
        for symlink in directory.symlinks {
            symlinks.append(Symlink(name: symlink.name, folder: folder, target: symlink.target))
        }
    }

    private mutating func add(_ file: RemoteDirectory.File, in folder: Int) {
        let number = files.count
        var next: Int?
        if file.digest == .ofNothing {
            emptyFiles.append(number)
        } else if let blob = blobNumbers[file.digest] {
            next = blobs[blob].firstFile
            blobs[blob].firstFile = number
        } else {
            blobNumbers[file.digest] = blobs.count
            blobs.append(Blob(digest: file.digest, firstFile: number))
        }
        files.append(
            File(
                name: file.name, folder: folder, isExecutable: file.isExecutable, digest: file.digest,
                nextWithSameContent: next))
    }

    /// The files that have the content of a blob.
    func files(with blob: Blob) -> some Sequence<Int> {
        sequence(first: blob.firstFile) { files[$0].nextWithSameContent }
    }

    /// The path of a file in the tree.
    func path(ofFile number: Int) -> String {
        folders.path(of: files[number].name, in: files[number].folder)
    }

    static func tooManyEntries(_ limit: Int) -> ClientError {
        ClientError(.invalidTree, "The tree has more than \(limit) files and directories; it is not fetched.")
    }
}
