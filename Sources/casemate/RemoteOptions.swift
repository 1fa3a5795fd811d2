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
        if remote == nil { remote = try Self.inEnvironment() }
        guard remote != nil else {
            throw ValidationError(
                "Name a server: --remote grpc://host:port, or the variable \(Self.variable).")
        }
    }

    /// The server that the environment names, or nil.
    static func inEnvironment() throws -> RemoteURL? {
        guard let value = getenv(variable) else { return nil }
        do {
            return try RemoteURL(String(cString: value))
        } catch {
            throw ValidationError("The variable \(variable) is wrong. \(error)")
        }
    }

    /// Connects to the server.
    func connect() async throws -> Remote {
        guard let remote else { preconditionFailure("validate() sees to it") }
        return try await Remote.connect(to: remote, instance: instance)
    }
}
