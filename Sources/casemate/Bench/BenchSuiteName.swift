// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The suites by name, in the order they run in.
enum BenchSuiteName: String, CaseIterable, ExpressibleByArgument {
    case read
    case write
    case unary
    case batchUpdate = "batch-update"
    case batchRead = "batch-read"
    case findMissing = "find-missing"
    case concurrent

    /// The suite, as large as `plan` says.
    func suite(_ plan: BenchPlan) -> any BenchSuite {
        switch self {
        case .read: ReadSuite(size: plan.streamSize, streams: plan.streams)
        case .write: WriteSuite(size: plan.streamSize, streams: plan.streams)
        case .unary: UnarySuite(calls: plan.unaryCalls, streams: plan.callsAtOnce)
        case .batchUpdate: BatchUpdateSuite(blobs: plan.updatedBlobs, streams: plan.callsAtOnce)
        case .batchRead: BatchReadSuite(blobs: plan.readBlobs, streams: plan.callsAtOnce)
        case .findMissing: FindMissingSuite(calls: plan.findMissingCalls, streams: plan.callsAtOnce)
        case .concurrent: ConcurrentSuite(size: plan.concurrentSize)
        }
    }
}
