// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The directory that a store is in.
struct StoreRoot: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory of the store. Default: $XDG_DATA_HOME/casemate, or ~/.local/share/casemate.",
            valueName: "dir"))
    var root: String?

    /// The directory that was named, or the one by default.
    var path: String { root ?? Self.defaultPath }

    func validate() throws {
        guard root != "" else {
            throw ValidationError("Expected a directory after --root, found an empty path.")
        }
    }

    /// Where the XDG Base Directory Specification puts the data of a user's programs.
    private static var defaultPath: String {
        let environment = ProcessInfo.processInfo.environment
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/casemate" }
        // Not `NSHomeDirectory` first: it asks the user database, whatever the environment says.
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/share/casemate"
    }
}
