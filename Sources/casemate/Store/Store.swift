// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk
import Logging

/// `casemate store`: what is done to the directory of a store, without a server.
struct Store: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at, check, shrink, fill and copy the directory of a store.",
        discussion: """
            Works on the directory itself. All but stat need the store for themselves: stop its server before.
            """,
        subcommands: [
            StoreStat.self, StoreCheck.self, StoreCompact.self, StoreImport.self, StoreExport.self,
        ])

    /// What `body` makes of the store, which is opened for it alone and closed after it.
    static func using<Result>(
        _ root: StoreRoot, makingOne: Bool = false, ignoringLimit: Bool = false,
        _ body: (DiskStore) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "casemate") { StreamLogHandler.standardError(label: $0) }
        // How the store was left is for stat to tell; a failure is for people to know.
        logger.logLevel = .error
        let store = try DiskStore.openAlone(
            root.path, makingOne: makingOne, ignoringLimit: ignoringLimit, logger: logger)
        defer { store.close() }
        return try await body(store)
    }
}
