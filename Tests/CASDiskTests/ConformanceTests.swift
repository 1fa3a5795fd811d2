// SPDX-License-Identifier: Apache-2.0

import CASStore
import CASTesting
import Testing

@testable import CASDisk

struct ConformanceTests {
    private static func limits(_ configuration: inout DiskStoreConfiguration) {
        configuration.uploads.parkedAtMost = 100
        // So that the checks cross many segments.
        configuration.segmentSize = 4 << 20
    }

    private static let blobs = BlobStoreSuite { check in
        try await TestStore(limits).using { try await check($0) }
    }

    private static let references = ReferenceStoreSuite { check in
        try await TestStore(limits).using { try await check($0) }
    }

    private static let actionResults = ActionResultStoreSuite { check in
        try await TestStore(limits).using { try await check($0) }
    }

    @Test(arguments: blobs.allChecks)
    func `a disk store keeps the promises of a blob store`(_ check: PromiseCheck) async throws {
        try await check()
    }

    @Test(arguments: references.allChecks)
    func `a disk store keeps the promises of a reference store`(_ check: PromiseCheck) async throws {
        try await check()
    }

    @Test(arguments: actionResults.allChecks)
    func `a disk store keeps the promises of an action result store`(_ check: PromiseCheck) async throws {
        try await check()
    }
}
