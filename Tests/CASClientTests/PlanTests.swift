// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CASClient

@Suite struct PlanTests {
    private static let overhead = TransferPlan.entryOverhead

    @Test func `blobs fill batches up to the limit, and long ones stream first`() {
        let limit = 1000 + 2 * Self.overhead
        let plan = TransferPlan(
            sizes: [500, 500, 1, 5000, 900, 6000, 800], batchLimit: limit, longestBatched: 900)
        #expect(
            plan.transfers == [.stream(5), .stream(3), .batch([0, 1]), .batch([2, 4]), .batch([6])])
    }

    @Test func `every blob has its place once, and no batch is too large`() {
        for limit in [Self.overhead + 1, 1000, 1 << 20] {
            let sizes = (0..<500).map { $0 * 37 % 1500 }
            let plan = TransferPlan(sizes: sizes, batchLimit: limit, longestBatched: 1400)
            var seen: [Int] = []
            for transfer in plan.transfers {
                switch transfer {
                case .stream(let number): seen.append(number)
                case .batch(let numbers):
                    seen += numbers
                    #expect(numbers.reduce(0) { $0 + sizes[$1] + Self.overhead } <= limit)
                }
            }
            #expect(seen.sorted() == Array(0..<500))
        }
    }

    @Test func `waits grow, vary, stay below a bound, and end`() {
        var policy = RetryPolicy()
        policy.attempts = 20
        var random = SystemRandomNumberGenerator()
        for attempt in 1..<20 {
            let average = min(policy.firstDelay * (1 << (attempt - 1)), policy.longestDelay)
            let delay = policy.delay(after: attempt, using: &random)
            #expect(delay.map { $0 >= average * 0.5 && $0 <= average * 1.5 } == true)
        }
        #expect(policy.delay(after: 20, using: &random) == nil)
    }

    @Test func `what a terminal would obey is escaped`() {
        #expect(Printable.quoting("a b é 🧊") == "a b é 🧊")
        #expect(Printable.quoting("a\nb\t\r\\") == "a\\nb\\t\\r\\\\")
        #expect(Printable.quoting("\u{1B}[2J\u{202E}\u{7F}") == "\\u{1b}[2J\\u{202e}\\u{7f}")
    }

    @Test func `every worker's pieces together are the whole, and the first failure ends the work`()
        async throws
    {
        struct Failure: Error {}
        let parts = try await WorkList.share(1000, among: 7) { list in
            var taken: [Int] = []
            while let next = list.take(13) { taken += next }
            return taken
        }
        #expect(parts.flatMap { $0 }.sorted() == Array(0..<1000))
        await #expect(throws: Failure.self) {
            try await WorkList.share(10, among: 3) { list in
                while let next = list.take() {
                    if next.contains(5) { throw Failure() }
                    try Task.checkCancellation()
                }
            }
        }
    }
}
