// SPDX-License-Identifier: Apache-2.0

internal import CASModel

/// A directory on disk with all that is below it: names and kinds at first, digests once it is hashed.
///
/// The directories, files and symlinks of one directory lie side by side, sorted by name. A file takes some
/// 200 bytes, so that a tree of a million files fits.
struct LocalTree: Sendable {
    struct Contents: Sendable {
        var folders = 0..<0
        var files = 0..<0
        var symlinks = 0..<0
    }

    struct File: Sendable {
        let name: String
        let folder: Int
        let isExecutable: Bool
        /// As the walk found it, then as it was when it was hashed.
        var stamp: FileStamp
    }

    struct Symlink: Sendable {
        let name: String
        let target: String
    }

    /// The directory as the user named it.
    let path: String
    let root: Folder
    var folders = FolderTable()
    var contents: [Contents] = [Contents()]
    var files: [File] = []
    var symlinks: [Symlink] = []

    init(path: String, root: Folder) {
        self.path = path
        self.root = root
    }

    /// The path of a file as the user would write it.
    func path(ofFile number: Int) -> String {
        path(of: files[number].name, in: files[number].folder)
    }

    /// The path of `name` in a directory as the user would write it.
    func path(of name: String, in folder: Int) -> String {
        path + "/" + folders.path(of: name, in: folder)
    }

    /// The path of a directory as the user would write it.
    func path(ofFolder number: Int) -> String {
        number == 0 ? path : path + "/" + folders.path(of: number)
    }
}
