// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Bytes
import CASDisk
import RemoteAPI

/// `casemate store check`
struct StoreCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify everything a store holds.",
        discussion: """
            Reads every record and every large blob and compares it with its checksum and its digest, the index with \
            the segments, and the trees of references with the blobs. One line for each thing that is wrong: what, \
            where, what was expected and what was found. Ends with 1 if something is wrong and was not repaired.

            Example: drop what is damaged, so that clients push it again.

              casemate store check --root /var/lib/casemate --repair
            """)

    @OptionGroup var store: StoreRoot

    @Flag(help: "Drop what is wrong: blobs, references whose trees are incomplete, files that nothing names.")
    var repair = false

    @Flag(help: "Print a JSON object a line: one for each finding, then one with the summary.")
    var json = false

    func run() async throws {
        try await Interruption.cancelling { try await check() }
    }

    private func check() async throws {
        let summary = try await Store.using(store) { store in
            try await store.check(repairing: repair, readDirectory: Self.readDirectory) { show($0) }
        }
        print(try json ? JSONText.of(SummaryLine(summary: summary)) : Self.text(summary))
        guard summary.isSound else {
            let left = Quantity.counted(summary.findings - summary.repaired, "thing")
            throw StoreFailure(
                "The store \(store.path) is not sound: \(left) wrong."
                    + (repair ? "" : " With --repair what is wrong is dropped."))
        }
    }

    private struct SummaryLine: Encodable {
        let summary: StoreCheckSummary
    }

    private struct FindingLine: Encodable {
        let what, place, expected, found: String
        let isRepaired: Bool

        enum CodingKeys: String, CodingKey {
            case what, expected, found
            case place = "where"
            case isRepaired = "repaired"
        }
    }

    private func show(_ finding: StoreFinding) {
        let line = FindingLine(
            what: finding.kind.rawValue, place: finding.place, expected: finding.expected,
            found: finding.found, isRepaired: finding.isRepaired)
        // Strings and a truth value can always be encoded.
        if json { return print((try? JSONText.of(line)) ?? "") }
        print(
            "\(line.what): \(line.place): expected \(line.expected), found \(line.found)"
                + (line.isRepaired ? " (repaired)" : ""))
    }

    private static func text(_ summary: StoreCheckSummary) -> String {
        let read = """
            checked \(Quantity.counted(summary.blobs, "blob")) and \
            \(Quantity.counted(summary.references, "reference")) in \
            \(Quantity.counted(summary.segments, "segment")), read \(Quantity.bytes(summary.bytesRead))
            """
        let dead = """
            \(Quantity.counted(summary.deadRecords, "dead record")), \
            \(Quantity.counted(summary.deadFiles, "dead file"))
            """
        let outcome =
            summary.findings == 0
            ? "nothing wrong"
            : "\(Quantity.counted(summary.findings, "thing")) wrong, \(summary.repaired) repaired"
        return "\(read); \(dead); \(outcome)"
    }

    /// The children of an encoded `Directory`, for the store, which knows no wire format.
    static let readDirectory: DiskStore.DirectoryReader = { bytes, function in
        let children = try DirectoryChildren(directory: ByteChain(bytes), function)
        return .init(files: children.files, directories: children.directories)
    }
}
