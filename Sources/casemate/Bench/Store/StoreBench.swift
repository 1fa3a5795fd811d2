// SPDX-License-Identifier: Apache-2.0

/// Measures the disk store and what it is compared with, in one directory and without a server.
struct StoreBench: Sendable {
    let folder: BenchFolder
    let plan: StorePlan
    let printer: BenchPrinter

    /// Runs the suites of `names` in their order and prints what comes out.
    func run(_ names: [StoreSuiteName]) async throws {
        printer.startStores()
        for name in names {
            var ours: [String?: StoreReport] = [:]
            for report in try await name.suite(plan).measure(in: folder) {
                let first = ours[report.work] ?? report
                ours[report.work] = first
                try printer.show(report.compared(to: first))
            }
        }
    }
}
