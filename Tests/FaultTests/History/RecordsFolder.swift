// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Real files for SQLite, which does not go through the simulated disk; removed with the last reference.
final class RecordsFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("casemate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)  // The system clears its temporary directory, too.
    }

    /// The path of a database.
    var path: String { url.appendingPathComponent("records.sqlite").path }
}
