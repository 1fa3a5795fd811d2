// SPDX-License-Identifier: Apache-2.0

internal import Glibc

extension LocalTree {
    /// Walks the directory at `path`; no file is opened, no symlink below it followed.
    ///
    /// - Throws: ``ClientError`` that names what cannot be read or cannot be part of a tree; `CancellationError`.
    static func walk(_ path: String) throws -> LocalTree {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var tree = LocalTree(path: path, root: try openRoot(path))
        var cursor = FolderCursor(root: tree.root)
        var number = 0
        while number < tree.folders.count {
            try Task.checkCancellation()
            let folder = try ClientError.naming(tree.path(ofFolder: number), "open") {
                () throws(SystemError) in
                try cursor.open(number, of: tree.folders)
            }
            try tree.add(contentsOf: folder, number)
            number += 1
        }
        return tree
    }

    private static func openRoot(_ path: String) throws(ClientError) -> Folder {
        do throws(SystemError) {
            return try Folder.open(path)
        } catch {
            guard error.number != ENOTDIR else {
                throw ClientError(
                    .localFile,
                    "Expected a directory, but “\(Printable.quoting(path))” is a file. Put it into a directory.",
                    cause: error)
            }
            throw ClientError(cannot: "open", path, error)
        }
    }

    private mutating func add(contentsOf folder: Folder, _ number: Int) throws(ClientError) {
        let first = Contents(
            folders: folders.count..<folders.count, files: files.count..<files.count,
            symlinks: symlinks.count..<symlinks.count)
        for name in try sortedNames(in: folder, number) { try add(name, in: folder, number) }
        contents[number] = Contents(
            folders: first.folders.lowerBound..<folders.count, files: first.files.lowerBound..<files.count,
            symlinks: first.symlinks.lowerBound..<symlinks.count)
    }

    private func sortedNames(in folder: Folder, _ number: Int) throws(ClientError) -> [String] {
        let found = try ClientError.naming(path(ofFolder: number), "read") { () throws(SystemError) in
            try folder.names()
        }
        let names = found.compactMap { $0 }
        guard names.count == found.count else {
            throw ClientError(
                .localFile,
                "A name in “\(Printable.quoting(path(ofFolder: number)))” is not UTF-8, the only encoding that a "
                    + "tree on a server can have. Rename it.")
        }
        return names.sorted(by: FileName.precedes)
    }

    private mutating func add(_ name: String, in folder: Folder, _ number: Int) throws(ClientError) {
        let status = try ClientError.naming(path(of: name, in: number), "examine") { () throws(SystemError) in
            try folder.status(of: name)
        }
        switch FileKind(status) {
        case .file(let isExecutable):
            files.append(
                File(name: name, folder: number, isExecutable: isExecutable, stamp: FileStamp(status)))
        case .folder:
            _ = folders.add(name, in: number)
            contents.append(Contents())
        case .symlink:
            let target = try ClientError.naming(path(of: name, in: number), "read") {
                () throws(SystemError) in
                try folder.target(ofSymlink: name)
            }
            guard let target else {
                throw ClientError(
                    .localFile,
                    "The target of the symlink “\(Printable.quoting(path(of: name, in: number)))” is not UTF-8."
                )
            }
            symlinks.append(Symlink(name: name, target: target))
        case .special(let kind):
            throw ClientError(
                .localFile,
                "“\(Printable.quoting(path(of: name, in: number)))” is \(kind), which a tree cannot hold. Remove it, or push another "
                    + "directory.")
        }
    }
}
