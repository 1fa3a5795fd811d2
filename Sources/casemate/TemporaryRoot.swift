// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory for a store that is gone when its server is.
struct TemporaryRoot {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "casemate-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        path = directory.path(percentEncoded: false)
    }

    func remove() {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            FileHandle.standardError.write(
                Data("casemate: \(path) is left behind: \(error.localizedDescription)\n".utf8))
        }
    }
}
