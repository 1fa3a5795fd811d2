// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Bytes
import CASDisk
import CASModel

/// `casemate store export`
struct StoreExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write references and all that their trees hold to an archive.",
        usage: "casemate store export [--root <dir>] [--instance <name>] <ref> ... <file>",
        discussion: """
            The archive is a tar file with each blob once. It appears when it is complete; - writes to standard output.

            Examples: keep two builds, and send one to another machine.

              casemate store export --root /var/lib/casemate app/1233 app/1234 builds.tar
              casemate store export app/1234 - | ssh other casemate store import -
            """)

    @OptionGroup var store: StoreRoot

    @Option(
        help: ArgumentHelp("The namespace that the references are in.", valueName: "name"),
        transform: { try InstanceName($0) })
    var instance = InstanceName.unnamed

    /// One list, as no argument may follow one.
    @Argument(
        help: ArgumentHelp(
            "The references to export, and last the archive to write, or -.", valueName: "ref"))
    var arguments: [String] = []

    private var file: String { arguments.last ?? "-" }

    func validate() throws {
        guard arguments.count >= 2 else {
            throw ValidationError("Missing expected argument: name references, and last the archive.")
        }
        for reference in arguments.dropLast() {
            do {
                _ = try ReferenceKey(reference)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    func run() async throws {
        try await Interruption.cancelling { try await export() }
    }

    private func export() async throws {
        let references = try arguments.dropLast().map { try ReferenceKey($0) }
        let exported = try await Store.using(store) { store in
            var export = ArchiveExport(of: store)
            for reference in references { try await export.add(reference, in: instance) }
            // Only now, so that nothing is written for a reference that is not there.
            try await export.write(to: try ByteOutput(file))
            return export
        }
        let line =
            "exported \(Quantity.counted(references.count, "reference")), "
            + "\(Quantity.counted(exported.blobs, "blob")), \(Quantity.bytes(exported.bytes))"
        if file == "-" { StandardError.print(line) } else { print(line) }
    }
}
