// SPDX-License-Identifier: Apache-2.0

public import CASModel

extension Remote {
    /// Calls `body` with all that is in the tree below `root`: by name, and what a directory holds after it.
    ///
    /// - Throws: ``ClientError`` when a part of the tree is missing or not fit to be written to a disk, before the
    ///   first call of `body`; what `body` throws; `CancellationError` when the task is cancelled.
    public func list(_ root: Digest, _ body: (TreeEntry) throws -> Void) async throws {
        let directories = try await url.explaining { try await DirectoryReader.read(root, from: self) }
        var open = [Level(entries: directories[root]?.sortedEntries ?? [], prefix: "")]
        var count = 0
        while !open.isEmpty {
            let last = open.count - 1
            guard let next = open[last].entries.popLast() else {
                open.removeLast()
                continue
            }
            count += 1
            guard count <= configuration.entriesAtMost else {
                throw TreePlan.tooManyEntries(configuration.entriesAtMost)
            }
            try Task.checkCancellation()
            let path = open[last].prefix + next.name
            try body(TreeEntry(path: path, kind: next.kind))
            if let child = next.directory {
                open.append(Level(entries: directories[child]?.sortedEntries ?? [], prefix: path + "/"))
            }
        }
    }
}

/// A directory that is being listed, with what is left of it.
private struct Level {
    var entries: [RemoteDirectory.Entry]
    let prefix: String
}

extension RemoteDirectory {
    fileprivate struct Entry {
        let name: String
        let kind: TreeEntry.Kind
        var directory: Digest?
    }

    /// All that is in it, the last name first.
    fileprivate var sortedEntries: [Entry] {
        let files = files.map {
            Entry(name: $0.name, kind: .file(size: $0.digest.size, isExecutable: $0.isExecutable))
        }
        let directories = directories.map { Entry(name: $0.name, kind: .directory, directory: $0.digest) }
        let symlinks = symlinks.map { Entry(name: $0.name, kind: .symlink(target: $0.target)) }
        return (files + directories + symlinks).sorted { FileName.precedes($1.name, $0.name) }
    }
}
