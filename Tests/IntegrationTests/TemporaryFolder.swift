// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An empty folder that is removed with everything in it when this value goes.
final class TemporaryFolder: Sendable {
    /// Where it is.
    let url: URL

    /// Makes the folder, in the system's place for temporary files.
    init() throws {
        let name = "casemate-integration-\(UUID().uuidString)"
        url = FileManager.default.temporaryDirectory.appending(path: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit {
        // What cannot be removed is no fault of what the test examines.
        try? FileManager.default.removeItem(at: url)
    }

    /// Makes a folder in it.
    func folder(_ name: String) throws -> URL {
        let folder = url.appending(path: name, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// The place of a file in it, which need not exist.
    func file(_ name: String) -> URL {
        url.appending(path: name, directoryHint: .notDirectory)
    }
}
