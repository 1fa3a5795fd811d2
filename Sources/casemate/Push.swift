// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CASModel

/// `casemate push`
struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a directory on a server under one or more names.",
        discussion: """
            Sends only what the server does not have yet. The tree holds regular files, whether they are executable, \
            directories, and symlinks as they are.

            Example: push the directory out as the latest build and as build 1234.

              casemate push --remote grpc://cache.example.org:11001 out app/latest app/1234
            """)

    @OptionGroup var server: RemoteOptions

    @Argument(help: ArgumentHelp("The directory to push.", valueName: "dir"))
    var directory: String

    @Argument(
        help: ArgumentHelp("The references to name it by on the server.", valueName: "ref"),
        transform: { try ReferenceKey($0) })
    var references: [ReferenceKey]

    func run() async throws {
        try await Interruption.cancelling { try await push() }
    }

    private func push() async throws {
        let remote = try await server.connect()
        guard try await remote.allowsUpdates() else {
            throw ClientError(
                .notPermitted,
                "The server \(remote.url) does not let you push. Ask whoever runs it for the right to push.")
        }
        let summary = try await ProgressLine.showing("pushing") { progress in
            try await remote.push(directory, progress)
        }
        try await remote.updateReferences(references, to: summary.root)
        print(
            "pushed \(Quantity.counted(summary.files, "file")), \(Quantity.bytes(summary.bytes)); "
                + "uploaded \(Quantity.counted(summary.uploadedBlobs, "blob")), "
                + Quantity.bytes(summary.uploadedBytes))
    }
}
