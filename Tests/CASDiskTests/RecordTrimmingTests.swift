// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import GRDB
import Testing

@testable import CASDisk

/// What eviction does to references and action results.
struct RecordTrimmingTests {
    private static func key(_ number: Int) throws -> ReferenceKey { try ReferenceKey("branch/\(number)") }

    @Test func `references to what is gone and old action results are forgotten, and used ones stay`()
        async throws
    {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 1)
        let roots = (0..<400).map { _ in random.blob(size: 100) }
        let actions = (0..<400).map { _ in
            ActionKey(instance: .unnamed, action: random.digest(size: 5))
        }
        try await fixture.test.using { store in
            for result in await store.storeWhole(roots) { try result.get() }
            for number in 0..<400 {
                try await store.updateReferences([Self.key(number)], in: .unnamed, to: roots[number].digest)
                try await store.updateActionResult(actions[number], to: random.bytes(8_000))
            }
            let before = try fixture.test.directory.files(in: "store").reduce(0) {
                $1.contains("records.sqlite") ? $0 + (try OperatingSystem().size(of: $1)) : $0
            }
            // The uses of the first are only in memory when the trimming begins; the second is young by itself.
            fixture.clock.turn(by: 1000)
            #expect(try await store.reference(Self.key(0), in: .unnamed) != nil)
            #expect(try await store.actionResult(actions[0]) != nil)
            try await store.updateActionResult(actions[1], to: random.bytes(10))
            _ = try await store.missing(among: [roots[2].digest])
            try await fixture.fill(store, bytes: 3 * EvictionFixture.maximumSize, &random, using: [roots[2]])
            #expect(try await store.present(roots).map(\.digest) == [roots[2].digest])
            let found = try await store.records.read { database in
                (
                    try Int.fetchAll(database, sql: "SELECT rowid - 1 FROM reference ORDER BY id"),
                    try Int.fetchAll(database, sql: "SELECT rowid - 1 FROM action_result ORDER BY id")
                )
            }
            #expect(found.0.contains(2) && found.0.count <= 3, "\(found.0)")
            #expect(found.1.count <= 2, "\(found.1)")
            let after = try fixture.test.directory.files(in: "store").reduce(0) {
                $1.contains("records.sqlite") ? $0 + (try OperatingSystem().size(of: $1)) : $0
            }
            #expect(after < before / 4, "\(before) → \(after)")
            #expect(try await store.reference(Self.key(2), in: .unnamed) == roots[2].digest)
        }
        #expect(fixture.test.log.lines.contains { $0.contains("forgotten") })
    }

    @Test func `a row that was used, which only memory knows, does not go by its older time`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 2)
        let actions = (0..<600).map { _ in ActionKey(instance: .unnamed, action: random.digest(size: 5)) }
        try await fixture.test.using { store in
            for action in actions { try await store.updateActionResult(action, to: random.bytes(10)) }
            fixture.clock.turn(by: 100)
            _ = try await store.actionResult(actions[300])
            RecordTrimming(records: store.records, catalog: store.catalog, logger: fixture.logger)
                .run(before: fixture.clock.now - 50)
            for action in actions where action != actions[300] {
                #expect(try await store.actionResult(action) == nil)
            }
            #expect(try await store.actionResult(actions[300]) != nil)
        }
    }

    @Test func `records stay within the maximum size, and blobs make room for them`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 3)
        try await fixture.test.using { store in
            try await fixture.fill(store, bytes: EvictionFixture.maximumSize, &random)
            var failure: StoreError?
            for _ in 0..<200 where failure == nil {
                do throws(StoreError) {
                    try await store.updateActionResult(
                        ActionKey(instance: .unnamed, action: random.digest(size: 5)),
                        to: random.bytes(100_000))
                } catch {
                    failure = error
                }
                let size = try fixture.test.directory.files(in: "store").reduce(0) {
                    try $1.contains("records.sqlite")
                        ? $0 + SpaceLedger.blocks(OperatingSystem().size(of: $1)) : $0
                }
                #expect(size == store.space.used(for: .records))
                #expect(store.space.total <= EvictionFixture.maximumSize)
            }
            // Without a use of them blobs go before action results of the same age.
            #expect(failure?.code == .noSpace)
            #expect(store.space.used(for: .records) > EvictionFixture.maximumSize / 2)
            try fixture.check(store)
        }
    }
}
