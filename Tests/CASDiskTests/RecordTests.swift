// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import GRDB
import Synchronization
import Testing

@testable import CASDisk

struct RecordTests {
    private static func lastUse(_ test: TestStore) throws -> Int? {
        let queue = try DatabaseQueue(path: test.directory.path("store/records.sqlite"))
        return try queue.read { try Int.fetchOne($0, sql: "SELECT last_use FROM reference") }
    }

    @Test func `a read notes the use in memory, and the close writes it`() async throws {
        let time = Mutex<UInt32>(1_000)
        var test = try TestStore()
        test.environment.wallClock = WallClock { time.withLock { $0 } }
        var random = SeededRandom(seed: 1)
        let (key, digest) = (try ReferenceKey("main"), random.digest(size: 5))
        try await test.using { store in
            try await store.updateReferences([key], in: .unnamed, to: digest)
            time.withLock { $0 = 2_000 }
            #expect(try await store.reference(key, in: .unnamed) == digest)
            #expect(try Self.lastUse(test) == 1_000)
        }
        #expect(try Self.lastUse(test) == 2_000)
    }

    @Test func `action results survive a restart`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 2)
        let key = ActionKey(instance: try InstanceName("team"), action: random.digest(size: 5))
        let result = random.bytes(100_000)
        try await test.using { try await $0.updateActionResult(key, to: result) }
        let kept = try await test.using { try await $0.actionResult(key) }
        #expect(kept == result)
    }
}
