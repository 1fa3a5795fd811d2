// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An open directory, through which what is directly in it is reached; closed with its last reference.
///
/// Names are single path components: nothing here follows a symlink.
final class Folder: Sendable {
    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The most bytes of a relative path in one system call, below the kernel's limit of 4096.
    private static let longestPath = 4000

    /// Opens the directory at `path`; a symlink to one is followed.
    static func open(_ path: String) throws(SystemError) -> Folder {
        Folder(try SystemError.check { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// Opens the directory that `components` lead to from here, however long the path is.
    ///
    /// - Precondition: all of them but the last are known to be directories.
    func folder(at components: [String]) throws(SystemError) -> Folder {
        var folder = self
        var path = ""
        for component in components {
            if path.utf8.count + component.utf8.count >= Self.longestPath {
                folder = try folder.open(path)
                path = ""
            }
            path += path.isEmpty ? component : "/" + component
        }
        return try folder.open(path.isEmpty ? "." : path)
    }

    private func open(_ path: String) throws(SystemError) -> Folder {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        return Folder(try SystemError.check { openat(descriptor, path, flags) })
    }

    /// Opens the file `name` to be read. One that is no regular file does not block.
    func openFile(_ name: String) throws(SystemError) -> OpenFile {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        return OpenFile(try SystemError.check { openat(descriptor, name, flags) })
    }

    /// Makes the file `name`, which must not exist, and opens it to be written and read.
    func makeFile(_ name: String, isExecutable: Bool) throws(SystemError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let mode: mode_t = isExecutable ? 0o777 : 0o666
        return OpenFile(try SystemError.check { openat(descriptor, name, flags, mode) })
    }

    /// Makes the directory `name`, which must not exist.
    func makeFolder(_ name: String, mode: mode_t = 0o777) throws(SystemError) {
        _ = try SystemError.check { mkdirat(descriptor, name, mode) }
    }

    /// Makes the symlink `name`, which must not exist.
    func makeSymlink(_ name: String, to target: String) throws(SystemError) {
        _ = try SystemError.check { symlinkat(target, descriptor, name) }
    }

    /// Where the symlink `name` points.
    ///
    /// - Returns: nil if that is not UTF-8.
    func target(ofSymlink name: String) throws(SystemError) -> String? {
        var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = try SystemError.check {
            room.withUnsafeMutableBytes { readlinkat(descriptor, name, $0.baseAddress!, $0.count) }
        }
        return String(validating: room[..<count], as: UTF8.self)
    }

    /// What `name` is; a symlink is not followed.
    func status(of name: String) throws(SystemError) -> stat {
        var status = stat()
        _ = try SystemError.check { fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) }
        return status
    }

    /// The names in it, without `.` and `..`, in no order; nil stands for one that is not UTF-8.
    func names() throws(SystemError) -> [String?] {
        // A descriptor of its own: reading moves its position, and closing the stream closes it.
        let own = try SystemError.check { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(own) else {
            defer { close(own) }
            throw SystemError(errno)
        }
        defer { closedir(stream) }
        var names: [String?] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = Self.name(of: entry)
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemError(errno) }
        return names
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
        let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
        return String(validatingCString: start)
    }
}
