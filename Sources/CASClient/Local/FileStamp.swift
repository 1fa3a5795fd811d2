// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What tells whether a file is still the one that was hashed.
///
/// A change within the clock's tick after the hashing is not seen here; the server sees it, since it hashes what it
/// receives.
struct FileStamp: Equatable {
    let size: Int
    private let inode: ino_t
    private let device: dev_t
    private let modifiedSeconds: Int
    private let modifiedNanoseconds: Int

    init(_ status: stat) {
        size = status.st_size
        inode = status.st_ino
        device = status.st_dev
        modifiedSeconds = status.st_mtim.tv_sec
        modifiedNanoseconds = status.st_mtim.tv_nsec
    }
}

/// What a directory entry is.
enum FileKind: Equatable {
    case file(isExecutable: Bool)
    case folder
    case symlink
    /// What no tree can hold, in words.
    case special(String)

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file(isExecutable: status.st_mode & S_IXUSR != 0)
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .symlink
        case S_IFIFO: self = .special("a named pipe")
        case S_IFSOCK: self = .special("a socket")
        case S_IFBLK, S_IFCHR: self = .special("a device")
        default: self = .special("a special file")
        }
    }
}
