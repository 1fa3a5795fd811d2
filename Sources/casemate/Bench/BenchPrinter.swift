// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Prints results as they come: a table, or one JSON object a line.
struct BenchPrinter {
    enum Style { case table, json }

    private typealias Columns = [(title: String, width: Int)]

    private static let columns: Columns = [
        ("suite", 13), ("streams", 8), ("calls", 7), ("moved", 11), ("wall", 9), ("speed", 18),
        ("client CPU", 16), ("server CPU", 16), ("server memory at most", 0),
    ]

    private static let storeColumns: Columns = [
        ("suite", 20), ("store", 15), ("work", 36), ("count", 18), ("wall", 18), ("CPU", 18),
        ("wall ratio", 12),
        ("CPU ratio", 11), ("besides", 0),
    ]

    let style: Style

    func start() {
        guard style == .table else { return }
        show(Self.columns.map(\.title), in: Self.columns)
    }

    /// The same for suites of `--store`.
    func startStores() {
        guard style == .table else { return }
        show(Self.storeColumns.map(\.title), in: Self.storeColumns)
    }

    func show(_ report: BenchReport) throws {
        switch style {
        case .table: show(Self.row(report), in: Self.columns)
        case .json: try showJSON(report)
        }
    }

    func show(_ report: StoreReport) throws {
        switch style {
        case .table: show(Self.row(report), in: Self.storeColumns)
        case .json: try showJSON(report)
        }
    }

    private func showJSON(_ report: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        write(String(decoding: try encoder.encode(report), as: UTF8.self))
    }

    private static func row(_ report: StoreReport) -> [String] {
        [
            report.suite, report.store, report.work ?? "-", Quantity.counted(report.count, report.unit),
            cost(report.wallMicroseconds, "µs"), cost(report.cpuMicroseconds, "µs"),
            report.wallRatio.map { String(format: "%.2f", $0) } ?? "-",
            report.cpuRatio.map { String(format: "%.2f", $0) } ?? "-",
            report.figures.isEmpty
                ? "-"
                : report.figures.sorted { $0.key < $1.key }.map { "\($0) \(cost($1, ""))" }
                    .joined(separator: ", ").replacing(" ,", with: ","),
        ]
    }

    private static func row(_ report: BenchReport) -> [String] {
        let memory = zip(report.serverPeakResidentBytes, report.serverPeakAnonymousBytes).map {
            "\(Quantity.bytes($0)), anonymous \(Quantity.bytes($1))"
        }
        return [
            report.suite, "\(report.streams)", "\(report.calls)",
            report.bytes > 0 ? Quantity.bytes(report.bytes) : "-",
            String(format: "%.2f s", report.wallSeconds),
            String(format: "%.0f ", report.speed) + report.speedUnit,
            cost(report.clientCost, report.costUnit),
            report.serverCost.map { cost($0, report.costUnit) } ?? "-",
            memory ?? "-",
        ]
    }

    /// Three digits that count are all that a measurement has.
    private static func cost(_ value: Double, _ unit: String) -> String {
        String(format: value < 10 ? "%.2f " : "%.1f ", value) + unit
    }

    private static func zip<A, B>(_ first: A?, _ second: B?) -> (A, B)? {
        guard let first, let second else { return nil }
        return (first, second)
    }

    private func show(_ cells: [String], in columns: Columns) {
        let padded = Swift.zip(cells, columns).map { cell, column in
            cell + String(repeating: " ", count: max(1, column.width - cell.count))
        }
        write(padded.joined().trimmingCharacters(in: .whitespaces))
    }

    /// Unbuffered: who watches the file sees each line when it is there.
    private func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
