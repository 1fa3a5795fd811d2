// SPDX-License-Identifier: Apache-2.0

import CASStore
import GRDB

extension RecordDatabase {
    /// How many references and action results the database at `path` holds, read beside whoever has it open.
    ///
    /// - Parameter isClosed: whether nobody has it open, and no log of changes lies beside it: then no file is made.
    static func count(
        _ path: String, isClosed: Bool
    ) throws(StoreError) -> (references: Int, actionResults: Int) {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        // A reader makes files beside a database that it does not know to be closed, which its owner would find.
        let name = isClosed ? "file:\(escaped(path))?immutable=1" : path
        do {
            return try DatabaseQueue(path: name, configuration: configuration).read { database in
                (
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM reference") ?? 0,
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM action_result") ?? 0
                )
            }
        } catch {
            throw StoreError(.failed, "The database \(path) cannot be read.", cause: error)
        }
    }

    /// `path` as it stands in a URI (SQLite, «URI Filenames»).
    private static func escaped(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            let isPlain = "/-._".utf8.contains(byte) || Character(Unicode.Scalar(byte)).isASCIIWord
            text += isPlain ? String(Unicode.Scalar(byte)) : "%" + hexadecimal(UInt64(byte), digits: 2)
        }
    }
}

extension Character {
    fileprivate var isASCIIWord: Bool { isASCII && (isLetter || isNumber) }
}
