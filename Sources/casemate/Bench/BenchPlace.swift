// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CASModel

/// What is measured: a server, or the disk store in a directory.
struct BenchPlace: ParsableArguments {
    /// One of the two.
    enum Kind {
        case server(RemoteURL)
        case store(String)
    }

    @Option(
        help: ArgumentHelp(
            "The server, as grpc://host:port. Default: the variable CASEMATE_REMOTE.", valueName: "url"),
        transform: { try RemoteURL($0) })
    var remote: RemoteURL?

    @Option(
        help: ArgumentHelp("The namespace of the references on the server.", valueName: "name"),
        transform: { try InstanceName($0) })
    var instance = InstanceName.unnamed

    @Option(
        help: ArgumentHelp(
            "Measure the disk store in this directory instead, which must be empty or not there.",
            valueName: "dir"))
    var store: String?

    mutating func validate() throws {
        guard let store else {
            if remote == nil { remote = try RemoteOptions.inEnvironment() }
            guard remote != nil else {
                throw ValidationError(
                    "Name what to measure: --remote grpc://host:port, the variable CASEMATE_REMOTE, or --store DIR."
                )
            }
            return
        }
        guard remote == nil else { throw ValidationError("--store and --remote exclude each other.") }
        guard !store.isEmpty else {
            throw ValidationError("Expected a directory after --store, found nothing.")
        }
    }

    /// Which of the two was asked for.
    var kind: Kind {
        if let store { return .store(store) }
        guard let remote else { preconditionFailure("validate() sees to it") }
        return .server(remote)
    }
}
