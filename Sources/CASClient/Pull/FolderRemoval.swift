// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Removes a directory with all that is below it, however deep, with few descriptors open; follows no symlink.
enum FolderRemoval {
    private struct Level {
        let name: String
        var folders: [String]
    }

    /// Removes the directory `name` in `parent`.
    static func remove(_ name: String, in parent: Folder) throws(SystemError) {
        var current = try parent.folder(at: [name])
        var levels = [Level(name: name, folders: try removeFiles(in: current))]
        while !levels.isEmpty {
            if let child = levels[levels.count - 1].folders.popLast() {
                current = try current.folder(at: [child])
                levels.append(Level(name: child, folders: try removeFiles(in: current)))
            } else {
                let emptied = levels.removeLast().name
                let above = levels.isEmpty ? parent : try current.folder(at: [".."])
                _ = try SystemError.check { unlinkat(above.descriptor, emptied, AT_REMOVEDIR) }
                current = above
            }
        }
    }

    /// Removes all that is no directory; returns the names of the directories.
    private static func removeFiles(in folder: Folder) throws(SystemError) -> [String] {
        var folders: [String] = []
        for name in try folder.names().compactMap({ $0 }) {
            if try FileKind(folder.status(of: name)) == .folder {
                folders.append(name)
            } else {
                _ = try SystemError.check { unlinkat(folder.descriptor, name, 0) }
            }
        }
        return folders
    }
}
