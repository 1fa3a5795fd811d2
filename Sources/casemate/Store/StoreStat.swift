// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CASDisk
import Foundation

/// `casemate store stat`
struct StoreStat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Say what a store holds and what it occupies.",
        discussion: """
            Changes nothing, and works while a server runs on the store; the numbers are of slightly different \
            moments then.

            Example:

              casemate store stat --root /var/lib/casemate
            """)

    @OptionGroup var store: StoreRoot

    @Flag(help: "Print one JSON object, with sizes in bytes and times in seconds since 1970.")
    var json = false

    func run() throws {
        let statistics = try StoreStatistics.ofStore(at: store.path)
        print(try json ? JSONText.of(statistics) : Self.table(statistics, now: Date()))
    }

    private static func table(_ statistics: StoreStatistics, now: Date) -> String {
        let (bytes, index) = (statistics.bytes, statistics.index)
        let total = Quantity.bytes(bytes.total)
        let rows = [
            ("store", statistics.root),
            ("state", state(statistics)),
            ("in use", statistics.maximumSize.map { "\(total) of \(Quantity.bytes($0))" } ?? total),
            ("  segments", Quantity.bytes(bytes.segments)),
            ("  large blobs", Quantity.bytes(bytes.objects)),
            ("  uploads", Quantity.bytes(bytes.uploads)),
            ("  index", Quantity.bytes(bytes.index)),
            ("  records", Quantity.bytes(bytes.records)),
            ("blobs", "\(statistics.blobs), of which large: \(statistics.largeBlobs)"),
            ("references", "\(statistics.references)"),
            ("action results", "\(statistics.actionResults)"),
            ("segments", segments(statistics, now: now)),
            ("index", "\(index.entries) of \(index.slots) slots, \(perEntry(index)) bytes for each"),
            ("parked uploads", "\(statistics.uploads)"),
        ]
        return rows.map { name, value in
            name.padding(toLength: 16, withPad: " ", startingAt: 0) + value
        }.joined(separator: "\n")
    }

    private static func state(_ statistics: StoreStatistics) -> String {
        switch statistics.ending {
        case .open: "in use by the process \(statistics.holder.map(String.init) ?? "that has it open")"
        case .clean: "closed"
        case .killed: "not closed: its process was killed; the next opening looks at the end of the log"
        case .powerLost:
            "not closed: the machine stopped; the next opening reads the log since its checkpoint"
        case .unknown: "not known: the next opening makes the index from the segments"
        }
    }

    private static func segments(_ statistics: StoreStatistics, now: Date) -> String {
        guard let oldest = statistics.oldestSegmentBegun else { return "\(statistics.segments)" }
        let age = Quantity.age(seconds: max(0, Int(now.timeIntervalSince1970) - oldest))
        return "\(statistics.segments), the oldest from \(age) ago"
    }

    private static func perEntry(_ index: StoreStatistics.Index) -> String {
        String(format: "%.1f", index.bytesPerEntry)
    }
}
