// SPDX-License-Identifier: Apache-2.0

/// One kind of work that Casemate's store is measured at, beside others.
protocol StoreSuite: Sendable {
    /// Does the work in directories below `folder` and tells what it took. The first report about a kind of work is that
    /// of Casemate's store; what follows about the same is compared with it.
    func measure(in folder: BenchFolder) async throws -> [StoreReport]
}
