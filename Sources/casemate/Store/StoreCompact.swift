// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk

/// `casemate store compact`
struct StoreCompact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Let a store occupy as little disk as it can.",
        discussion: """
            Writes what is live in segments with dead records anew, removes files that nothing leads to, and makes the \
            index and the database smaller. Nothing that can be read is lost. For a while one segment is there twice.

            Example:

              casemate store compact --root /var/lib/casemate
            """)

    @OptionGroup var store: StoreRoot

    func run() async throws {
        let summary = try await Store.using(store, ignoringLimit: true) { store throws -> CompactionSummary in
            try store.compact()
        }
        print(
            "before \(Quantity.bytes(summary.bytesBefore)), after \(Quantity.bytes(summary.bytesAfter)); "
                + "rewrote \(Quantity.counted(summary.segmentsRemoved, "segment")) "
                + "(\(Quantity.counted(summary.recordsMoved, "record"))), "
                + "removed \(Quantity.counted(summary.filesRemoved, "dead file"))")
        guard summary.damagedBlobs == 0 else {
            throw StoreFailure(
                "\(Quantity.counted(summary.damagedBlobs, "damaged blob")) were dropped; clients can push them again."
            )
        }
    }
}
