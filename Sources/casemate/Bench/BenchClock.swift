// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a piece of work took.
struct BenchTimes: Sendable {
    var tally: BenchTally
    var wallSeconds: Double
    var clientSeconds: Double
    var serverSeconds: Double?
    var serverMemory: ServerProcess.Memory?
}

/// Takes the time of work, on both sides.
struct BenchClock: Sendable {
    /// How often the server's memory is looked at.
    private static let lookInterval = Duration.milliseconds(20)

    /// The server, if it runs on this machine and was named.
    let server: ServerProcess?

    /// Runs `work` and returns what it took.
    func time(_ work: @escaping @Sendable () async throws -> BenchTally) async throws -> BenchTimes {
        guard let server else { return try await take(work) }
        server.forgetPeak()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let anonymous = PeakWatch()
            group.addTask {
                while !Task.isCancelled {
                    anonymous.note(try server.memory().anonymous)
                    // Only the end of the work ends the sleep early.
                    try? await Task.sleep(for: Self.lookInterval)
                }
            }
            defer { group.cancelAll() }
            var times = try await take(work)
            var memory = try server.memory()
            memory.anonymous = max(memory.anonymous, anonymous.peak)
            times.serverMemory = memory
            return times
        }
    }

    private func take(_ work: @Sendable () async throws -> BenchTally) async throws -> BenchTimes {
        let server = try server?.cpuSeconds()
        let client = Self.cpuSeconds()
        let start = ContinuousClock.now
        let tally = try await work()
        let wall = ContinuousClock.now - start
        return BenchTimes(
            tally: tally, wallSeconds: wall / .seconds(1), clientSeconds: Self.cpuSeconds() - client,
            serverSeconds: try server.map { try (self.server?.cpuSeconds() ?? $0) - $0 })
    }

    /// The CPU time of this process.
    static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
