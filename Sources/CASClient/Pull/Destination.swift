// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A directory that is made beside the place it is for, and moved there when it is complete.
///
/// Until then it lies in a directory of its own that nobody else may enter, `.NAME.casemate-…` beside the place.
struct Destination: Sendable {
    /// Where the directory is filled.
    let root: Folder

    private let path: String
    private let parent: Folder
    private let parentPath: String
    private let name: String
    private let workName: String

    private static let rootName = "tree"

    /// Prepares to fill `path`, which must be absent or an empty directory.
    ///
    /// - Throws: ``ClientError`` that says why nothing can be made there.
    init(_ path: String) throws(ClientError) {
        self.path = path
        (parentPath, name) = try Self.place(of: path)
        let parent = try ClientError.naming(parentPath, "open") { [parentPath] () throws(SystemError) in
            try Folder.open(parentPath)
        }
        self.parent = parent
        try Self.checkEmpty(name, in: parent, path)
        // The name may be as long as names can be.
        let workName = ".\(name.prefix(40)).casemate-" + String(UInt64.random(in: .min ... .max), radix: 36)
        self.workName = workName
        root = try ClientError.naming(parentPath, "make a directory in") { () throws(SystemError) in
            try parent.makeFolder(workName, mode: 0o700)
            do throws(SystemError) {
                let work = try parent.folder(at: [workName])
                try work.makeFolder(Self.rootName)
                return try work.folder(at: [Self.rootName])
            } catch {
                // The first failure is the one to report.
                try? FolderRemoval.remove(workName, in: parent)
                throw error
            }
        }
    }

    /// Puts the directory, which is complete, into its place.
    func commit() throws(ClientError) {
        do throws(SystemError) {
            let work = try parent.folder(at: [workName])
            if let existing = try? parent.status(of: name) {
                // An empty directory that is replaced keeps its permissions; if not, the usual ones will do.
                _ = fchmod(root.descriptor, existing.st_mode & 0o7777)
            }
            _ = try SystemError.check {
                renameat(work.descriptor, Self.rootName, parent.descriptor, name)
            }
            try FolderRemoval.remove(workName, in: parent)
        } catch {
            switch error.number {
            case ENOTEMPTY, EEXIST, ENOTDIR: throw Self.taken(path)
            default: throw ClientError(cannot: "put the tree at", path, error)
            }
        }
    }

    /// Removes what was made.
    func abandon() {
        // What cannot be removed stays under a name that says what it is; the failure that led here is reported.
        try? FolderRemoval.remove(workName, in: parent)
    }

    /// The parent of `path` and the name in it. A symlink to a directory is followed; `.` has its real name.
    private static func place(of path: String) throws(ClientError) -> (parent: String, name: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty else {
            throw ClientError(.localFile, "Expected a directory to write to, found an empty path.")
        }
        if let real = realpath(path, nil) {
            defer { free(real) }
            path = String(cString: real)
        }
        guard path != "/" else { throw taken(path) }
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let parent = slash == path.startIndex ? "/" : String(path[..<slash])
        return (parent, String(path[path.index(after: slash)...]))
    }

    private static func checkEmpty(_ name: String, in parent: Folder, _ path: String) throws(ClientError) {
        let names: [String?]
        let isWorkingDirectory: Bool
        do throws(SystemError) {
            let status = try parent.status(of: name)
            guard FileKind(status) == .folder else { throw SystemError(ENOTDIR) }
            var current = stat()
            isWorkingDirectory =
                stat(".", &current) == 0 && current.st_ino == status.st_ino && current.st_dev == status.st_dev
            names = try parent.folder(at: [name]).names()
        } catch {
            switch error.number {
            case ENOENT: return
            case ENOTDIR: throw taken(path)
            default: throw ClientError(cannot: "examine", path, error)
            }
        }
        guard names.isEmpty else { throw taken(path) }
        guard !isWorkingDirectory else {
            throw ClientError(
                .localFile, "The working directory cannot be replaced. Name another directory to write to.")
        }
    }

    private static func taken(_ path: String) -> ClientError {
        ClientError(
            .localFile,
            "“\(Printable.quoting(path))” exists already. Name a directory that does not exist or is empty.")
    }
}
