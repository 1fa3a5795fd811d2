// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CASModel

/// `casemate pull`
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch a tree from a server into a directory.",
        discussion: """
            The directory must not exist, or be empty. It appears whole and verified, or not at all.

            Example: fetch the latest build into the directory out.

              casemate pull --remote grpc://cache.example.org:11001 app/latest out
            """)

    @OptionGroup var server: RemoteOptions

    @Argument(
        help: ArgumentHelp("The reference that the tree goes by.", valueName: "ref"),
        transform: { try ReferenceKey($0) })
    var reference: ReferenceKey

    @Argument(help: ArgumentHelp("The directory to write.", valueName: "dir"))
    var directory: String

    func run() async throws {
        try await Interruption.cancelling { try await pull() }
    }

    private func pull() async throws {
        let remote = try await server.connect()
        let root = try await remote.reference(reference)
        let summary = try await ProgressLine.showing("pulling") { progress in
            try await remote.pull(root, to: directory, progress)
        }
        print(
            "pulled \(Quantity.counted(summary.files, "file")), \(Quantity.bytes(summary.bytes)); "
                + "fetched \(Quantity.counted(summary.fetchedBlobs, "blob")), "
                + Quantity.bytes(summary.fetchedBytes))
    }
}
