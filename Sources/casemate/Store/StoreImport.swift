// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk
import CASModel

/// `casemate store import`
struct StoreImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take an archive, or a BuildStream server's repository, into a store.",
        discussion: """
            Every blob is compared with its digest; a wrong one is reported and passed over. References are set last, \
            those whose trees are complete. The store is made if it is not there. Doing it again stores nothing.

            Examples: bring back an archive; take over from bst-artifact-server.

              casemate store import --root /var/lib/casemate builds.tar
              casemate store import --root /var/lib/casemate --from-buildstream /srv/artifacts
            """)

    @OptionGroup var store: StoreRoot

    @Option(
        help: ArgumentHelp(
            "The namespace for the references. Default: where they were, without a name for BuildStream's.",
            valueName: "name"),
        transform: { try InstanceName($0) })
    var instance: InstanceName?

    @Option(
        help: ArgumentHelp(
            "A directory of bst-artifact-server or of BuildStream 1's cache, instead of an archive.",
            valueName: "dir"))
    var fromBuildstream: String?

    @Argument(help: ArgumentHelp("An archive that casemate store export wrote, or -.", valueName: "file"))
    var file: String?

    func validate() throws {
        guard (fromBuildstream == nil) != (file == nil) else {
            throw ValidationError("Name either an archive, or a directory with --from-buildstream.")
        }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let progress = ImportProgress()
            defer { progress.clear() }
            if let fromBuildstream {
                try await take(try BuildStreamRepository(fromBuildstream), progress)
            } else if let file {
                try await take(try ArchiveImport.Beginning(of: try ByteInput(file)), progress)
            }
        }
    }

    private func take(_ repository: BuildStreamRepository, _ progress: ImportProgress) async throws {
        let done = try await Store.using(store, makingOne: true) { store in
            var run = BuildStreamImport(
                repository, into: store, instance: instance ?? .unnamed, progress: progress)
            try await run.run()
            return run
        }
        try end(done.blobs.tally, done.references, strays: done.strays, progress)
    }

    private func take(_ archive: ArchiveImport.Beginning, _ progress: ImportProgress) async throws {
        let done = try await Store.using(store, makingOne: true) { store in
            var run = ArchiveImport(archive, into: store, instance: instance, progress: progress)
            try await run.run()
            return run
        }
        try end(done.blobs.tally, done.references, strays: 0, progress)
    }

    private func end(
        _ blobs: BlobIntake.Tally, _ references: ReferenceIntake, strays: Int, _ progress: ImportProgress
    ) throws {
        progress.clear()
        print(
            "imported \(Quantity.counted(blobs.stored, "blob")), \(Quantity.bytes(blobs.storedBytes)); "
                + "\(blobs.present) were there; \(Quantity.counted(references.set, "reference"))")
        let wrong = blobs.wrong + references.incomplete + strays
        guard wrong == 0 else {
            throw StoreFailure(
                "\(Quantity.counted(wrong, "thing")) could not be imported; the rest is in the store.")
        }
    }
}
