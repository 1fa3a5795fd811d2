// SPDX-License-Identifier: Apache-2.0

import Glibc

/// All that is below a directory, by path in bytes: two trees with equal snapshots are the same tree.
struct TreeSnapshot: Equatable {
    enum Entry: Equatable {
        case folder
        case file(content: [UInt8], isExecutable: Bool)
        case symlink(target: [UInt8])
    }

    private(set) var entries: [[UInt8]: Entry] = [:]

    init(of path: String) {
        add(Array(path.utf8), below: [])
    }

    var files: Int { entries.values.count { if case .file = $0 { true } else { false } } }

    private mutating func add(_ root: [UInt8], below path: [UInt8]) {
        let full = root + (path.isEmpty ? [] : [UInt8(ascii: "/")] + path)
        for name in Self.names(in: full) {
            let child = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
            let entry = Self.entry(at: full + [UInt8(ascii: "/")] + name)
            entries[child] = entry
            if entry == .folder { add(root, below: child) }
        }
    }

    private static func names(in path: [UInt8]) -> [[UInt8]] {
        guard let stream = opendir(path.map { CChar(bitPattern: $0) } + [0]) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = Array(
                UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self)))
            )
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    private static func entry(at path: [UInt8]) -> Entry {
        let path = path.map { CChar(bitPattern: $0) } + [0]
        var status = stat()
        precondition(lstat(path, &status) == 0)
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: 4096)
            let count = target.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
            return .symlink(target: Array(target[..<count]))
        default:
            let file = open(path, O_RDONLY)
            defer { close(file) }
            var content = [UInt8](repeating: 0, count: status.st_size)
            precondition(
                content.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) } == status.st_size)
            return .file(content: content, isExecutable: status.st_mode & S_IXUSR != 0)
        }
    }
}
