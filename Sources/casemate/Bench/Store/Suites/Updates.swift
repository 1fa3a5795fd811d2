// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import Foundation

/// Updates of references, each to a fresh blob, by several workers at once.
struct Updates: Sendable {
    /// Stores a blob and lets the reference of a name be to it.
    typealias Update = @Sendable (String, WholeBlob) async throws -> Void
    typealias BlockingUpdate = @Sendable (String, WholeBlob) throws -> Void

    private let blobs: [BenchBlob]
    private let atOnce: Int

    init(_ count: Int, atOnce: Int) async throws {
        blobs = try await StoreBlobs(count).blobs
        self.atOnce = atOnce
    }

    /// Runs all updates in tasks that wait without a thread.
    func measure(_ store: String, _ update: @escaping Update) async throws -> StoreReport {
        try await measure(store) { number in
            var waits: [Double] = []
            for position in positions(of: number) {
                try Task.checkCancellation()
                let start = ContinuousClock.now
                try await update("bench/\(position)", blob(position))
                waits.append((ContinuousClock.now - start) / .milliseconds(1))
            }
            return waits
        }
    }

    /// Runs all updates on as many threads as there are workers.
    func measureBlocking(_ store: String, _ update: @escaping BlockingUpdate) async throws -> StoreReport {
        try await measure(store) { number in
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(with: Result { try runBlocking(number, update) })
                }
            }
        }
    }

    private func runBlocking(_ number: Int, _ update: BlockingUpdate) throws -> [Double] {
        try positions(of: number).map { position in
            let start = ContinuousClock.now
            try update("bench/\(position)", blob(position))
            return (ContinuousClock.now - start) / .milliseconds(1)
        }
    }

    private func positions(of worker: Int) -> StrideTo<Int> {
        stride(from: worker, to: blobs.count, by: atOnce)
    }

    private func blob(_ position: Int) -> WholeBlob {
        WholeBlob(blobs[position].digest, blobs[position].whole)
    }

    /// `work` returns the milliseconds that the updates of a worker took.
    private func measure(
        _ store: String, _ work: @escaping @Sendable (Int) async throws -> [Double]
    ) async throws -> StoreReport {
        var stopwatch = Stopwatch()
        let waits = try await stopwatch.time { try await inParallel(0..<atOnce, work) }.sorted()
        var report = StoreReport(
            .barrier, store: store, work: "\(atOnce) at once", blobs.count, "update", stopwatch)
        report.figures = [
            "p50 ms": waits[waits.count / 2], "p99 ms": waits[waits.count * 99 / 100],
            "updates/s": Double(blobs.count) / stopwatch.wallSeconds,
        ]
        return report
    }
}
