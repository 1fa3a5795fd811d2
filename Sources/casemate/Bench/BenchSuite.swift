// SPDX-License-Identifier: Apache-2.0

/// One kind of work that is measured.
protocol BenchSuite: Sendable {
    /// What its speed and cost are told by.
    var unit: BenchUnit { get }

    /// How many calls are under way at once.
    var streams: Int { get }

    /// Puts in place what the work needs, checks that what is read back is right, and returns the work, which alone is
    /// timed.
    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally
}
