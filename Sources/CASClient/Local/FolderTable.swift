// SPDX-License-Identifier: Apache-2.0

/// The directories of a tree by number: the root is 0, and a parent has a lower number than its children.
struct FolderTable: Sendable {
    private struct Entry {
        let name: String
        let parent: Int
    }

    private var entries = [Entry(name: "", parent: 0)]

    var count: Int { entries.count }

    /// Adds the directory `name` in `parent`; returns its number.
    mutating func add(_ name: String, in parent: Int) -> Int {
        precondition(parent < entries.count, "a parent is added before its children")
        entries.append(Entry(name: name, parent: parent))
        return entries.count - 1
    }

    func name(of folder: Int) -> String { entries[folder].name }

    func parent(of folder: Int) -> Int { entries[folder].parent }

    /// The names on the way from the root to `folder`.
    func components(of folder: Int) -> [String] {
        var components: [String] = []
        var folder = folder
        while folder != 0 {
            components.append(entries[folder].name)
            folder = entries[folder].parent
        }
        return components.reversed()
    }

    /// The path of `folder` relative to the root; empty for the root.
    func path(of folder: Int) -> String {
        components(of: folder).joined(separator: "/")
    }

    /// The path of `name` in `folder` relative to the root.
    func path(of name: String, in folder: Int) -> String {
        folder == 0 ? name : path(of: folder) + "/" + name
    }
}
