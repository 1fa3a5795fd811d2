// SPDX-License-Identifier: Apache-2.0

/// Adds up the time that parts of a program take: what passes, and the processor's for all threads.
struct Stopwatch: Sendable {
    var wallSeconds = 0.0
    var cpuSeconds = 0.0

    /// Runs `body` and adds what it takes.
    mutating func time<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let cpu = BenchClock.cpuSeconds()
        let start = ContinuousClock.now
        let result = try await body()
        wallSeconds += (ContinuousClock.now - start) / .seconds(1)
        cpuSeconds += BenchClock.cpuSeconds() - cpu
        return result
    }
}
