// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import Foundation
import GRDB

/// A file per blob and a row per reference, each on the disk by itself before the next.
struct SyncedFiles: Sendable {
    private let files: FilePerBlobStore
    private let references: DatabaseQueue

    init(at path: String) throws {
        files = try FilePerBlobStore(at: path)
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        references = try DatabaseQueue(path: path + "/references.sqlite", configuration: configuration)
        try references.write {
            try $0.execute(sql: "CREATE TABLE reference (key TEXT PRIMARY KEY, hash TEXT) WITHOUT ROWID")
        }
    }

    func close() {
        // What cannot be closed goes with the process, and the directory goes before.
        try? references.close()
    }

    /// Keeps a blob and lets `key` name it; returns when the disk has both.
    func update(_ key: String, to blob: WholeBlob) throws {
        try files.put(blob, syncs: true)
        try references.write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO reference VALUES (?, ?)",
                arguments: [key, blob.digest.hexadecimal])
        }
    }
}
