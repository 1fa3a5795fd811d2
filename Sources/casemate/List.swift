// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CASModel

/// `casemate ls`
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the tree that a reference names.",
        discussion: """
            One line an entry: mode, size in bytes, path; a symlink with its target. Control characters and backslashes in \
            names are escaped. No file is fetched.

            Example:

              casemate ls --remote grpc://cache.example.org:11001 app/latest
            """)

    @OptionGroup var server: RemoteOptions

    @Argument(
        help: ArgumentHelp("The reference that the tree goes by.", valueName: "ref"),
        transform: { try ReferenceKey($0) })
    var reference: ReferenceKey

    func run() async throws {
        try await Interruption.cancelling { try await list() }
    }

    private func list() async throws {
        let remote = try await server.connect()
        let root = try await remote.reference(reference)
        try await remote.list(root) { entry in
            print(Self.line(entry))
        }
    }

    private static func line(_ entry: TreeEntry) -> String {
        let path = entry.printablePath
        switch entry.kind {
        case .file(let size, let isExecutable):
            return columns(isExecutable ? "-rwxr-xr-x" : "-rw-r--r--", size, path)
        case .directory:
            return columns("drwxr-xr-x", 0, path + "/")
        case .symlink:
            return columns("lrwxrwxrwx", 0, path + " -> " + (entry.printableTarget ?? ""))
        }
    }

    /// The width of the sizes: up to a terabyte without breaking the column.
    private static let sizeWidth = 12

    private static func columns(_ mode: String, _ size: Int, _ path: String) -> String {
        let size = String(size)
        return mode + " " + String(repeating: " ", count: max(0, sizeWidth - size.count)) + size + " " + path
    }
}
