// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory of a test's own, removed with its last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "casemate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)  // The system clears its temporary directory, too.
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The paths of all files below `folder`, in order.
    func files(in folder: String) throws -> [String] {
        let base = path(folder)
        guard FileManager.default.fileExists(atPath: base) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: base).map { "\(base)/\($0)" }
            .filter { path in
                var isDirectory: ObjCBool = false
                return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
                    && !isDirectory.boolValue
            }
            .sorted()
    }
}
