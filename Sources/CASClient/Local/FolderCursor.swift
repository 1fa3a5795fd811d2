// SPDX-License-Identifier: Apache-2.0

/// Opens the directories of a tree by number and keeps the last one open: files come in the order of their directories.
struct FolderCursor {
    private let root: Folder
    private var current: (number: Int, folder: Folder)?

    init(root: Folder) {
        self.root = root
    }

    mutating func open(_ number: Int, of table: FolderTable) throws(SystemError) -> Folder {
        guard number != 0 else { return root }
        if let current, current.number == number { return current.folder }
        let folder = try root.folder(at: table.components(of: number))
        current = (number, folder)
        return folder
    }
}
