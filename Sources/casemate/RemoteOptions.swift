// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASClient
import CASModel
import Glibc

/// Which server, and which part of it.
struct RemoteOptions: ParsableArguments {
    /// The variable of the environment that stands in for a missing `--remote`.
    private static let variable = "CASEMATE_REMOTE"

    @Option(
        help: ArgumentHelp(
            "The server, as grpc://host:port. Default: the variable CASEMATE_REMOTE.", valueName: "url"),
        transform: { try RemoteURL($0) })
    var remote: RemoteURL?

    @Option(
        help: ArgumentHelp("The namespace of the references on the server.", valueName: "name"),
        transform: { try InstanceName($0) })
    var instance = InstanceName.unnamed

    mutating func validate() throws {
        guard remote == nil else { return }
        guard let value = getenv(Self.variable) else {
            throw ValidationError(
                "Name a server: --remote grpc://host:port, or the variable \(Self.variable).")
        }
        do {
            remote = try RemoteURL(String(cString: value))
        } catch {
            throw ValidationError("The variable \(Self.variable) is wrong. \(error)")
        }
    }

    /// Connects to the server.
    func connect() async throws -> Remote {
        guard let remote else { preconditionFailure("validate() sees to it") }
        return try await Remote.connect(to: remote, instance: instance)
    }
}
