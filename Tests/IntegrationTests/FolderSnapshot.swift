// SPDX-License-Identifier: Apache-2.0

import Foundation

/// All that an artifact keeps of a folder: names, contents, executable bits, symlink targets, empty folders.
struct FolderSnapshot: Sendable {
    private enum Entry: Equatable {
        case folder
        case file(Data, executable: Bool)
        case symlink(target: [UInt8])
    }

    /// Keyed by the bytes of the path: as strings, two spellings of «é» would be one name.
    private var entries: [[UInt8]: Entry] = [:]

    /// Reads a folder and all below it.
    init(of folder: URL) throws {
        try add(folder.path, below: "")
    }

    /// The paths of all that is in the folder, sorted.
    var paths: [String] { entries.keys.map { String(decoding: $0, as: UTF8.self) }.sorted() }

    /// How many files there are.
    var fileCount: Int { entries.values.count { if case .file = $0 { true } else { false } } }

    /// How many files, folders and symlinks there are.
    var count: Int { entries.count }

    /// One line for each path that is not the same in both; none when they are equal bit for bit.
    func differences(from other: FolderSnapshot) -> [String] {
        Set(entries.keys).union(other.entries.keys).compactMap { path in
            let (here, there) = (entries[path], other.entries[path])
            guard here != there else { return nil }
            return "\(String(decoding: path, as: UTF8.self)): \(describe(here)), not \(describe(there))"
        }.sorted()
    }

    private mutating func add(_ folder: String, below path: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let item = folder + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: item)
            let itemPath = path + name
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory?:
                entries[Array(itemPath.utf8)] = .folder
                try add(item, below: itemPath + "/")
            case .typeSymbolicLink?:
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: item)
                entries[Array(itemPath.utf8)] = .symlink(target: Array(target.utf8))
            default:
                let mode = attributes[.posixPermissions] as? Int ?? 0
                entries[Array(itemPath.utf8)] = .file(
                    try Data(contentsOf: URL(filePath: item)), executable: mode & 0o111 != 0)
            }
        }
    }

    private func describe(_ entry: Entry?) -> String {
        switch entry {
        case nil: "nothing"
        case .folder?: "a folder"
        case .file(let bytes, let executable)?:
            "a file of \(bytes.count) bytes\(executable ? " that is executable" : "")"
        case .symlink(let target)?: "a symlink to \(String(decoding: target, as: UTF8.self))"
        }
    }
}
