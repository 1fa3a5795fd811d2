// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The numbers of the pieces of some work, handed out in order to workers that ask for the next ones.
final class WorkList: Sendable {
    private let count: Int
    private let next = Atomic<Int>(0)

    init(count: Int) {
        self.count = count
    }

    /// The next pieces, up to `limit` of them; nil when there are none left.
    func take(_ limit: Int = 1) -> Range<Int>? {
        let start = next.add(limit, ordering: .relaxed).oldValue
        return start < count ? start..<min(start + limit, count) : nil
    }

    /// Runs `work` in `workers` tasks, which take their pieces from a list of `count`; returns what each task returned.
    ///
    /// - Throws: what the first task that failed threw, once all have ended.
    static func share<Result: Sendable>(
        _ count: Int, among workers: Int, _ work: @escaping @Sendable (WorkList) async throws -> Result
    ) async throws -> [Result] {
        let list = WorkList(count: count)
        return try await withThrowingTaskGroup { group in
            for _ in 0..<max(1, min(workers, count)) { group.addTask { try await work(list) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
