// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Synchronization
import Testing

@Suite struct MemoryStoreTests {
    @Test(arguments: BlobStoreSuite { MemoryStore() }.allChecks)
    func `it keeps the promises of a blob store`(_ check: PromiseCheck) async throws {
        try await check()
    }

    @Test(arguments: ReferenceStoreSuite { MemoryStore() }.allChecks)
    func `it keeps the promises of a reference store`(_ check: PromiseCheck) async throws {
        try await check()
    }

    @Test(arguments: ActionResultStoreSuite { MemoryStore() }.allChecks)
    func `it keeps the promises of an action result store`(_ check: PromiseCheck) async throws {
        try await check()
    }

    private var random = SeededRandom(seed: 1)

    private func store(limit: Int) -> MemoryStore {
        var configuration = MemoryStore.Configuration()
        configuration.byteLimit = limit
        return MemoryStore(configuration)
    }

    private func key(_ digest: Digest) -> UploadKey {
        UploadKey(instance: .unnamed, identifier: "u", digest: digest, compressor: .identity)
    }

    @Test mutating func `a whole blob past the limit is refused, one that fits is kept`() async throws {
        let store = store(limit: 1_000)
        let (large, fitting) = (random.blob(size: 1_001), random.blob(size: 1_000))
        let outcomes = await store.storeWhole([large, fitting, fitting])
        #expect(throws: StoreError.self) { try outcomes[0].get() }
        for outcome in outcomes[1...] { try outcome.get() }
        #expect(store.usedBytes == 1_000)
    }

    @Test mutating func `an upload past the limit stays, and goes on when there is room`() async throws {
        let store = store(limit: 1_000)
        let (first, second) = (random.blob(size: 600), random.blob(size: 600))
        let upload = try await store.openUpload(key(first.digest), at: 0)
        try await upload.append(first.content[0..<500])
        let other = try await store.openUpload(key(second.digest), at: 0)
        try await other.append(second.content[0..<500])
        let refusal = await #expect(throws: StoreError.self) {
            try await upload.append(first.content[500..<600])
        }
        #expect(refusal?.code == .noSpace)
        #expect(await store.keptBytes(of: key(first.digest)) == 500)
        await other.discard()
        try await upload.append(first.content[500..<600])
        try await upload.finish()
        #expect(store.usedBytes == 600)
    }

    @Test mutating func `what is not kept takes no room`() async throws {
        let store = store(limit: 1_000)
        let blob = random.blob(size: 1_000)
        for taken in [0, 500, 1_000] {
            let upload = try await store.openUpload(key(blob.digest), at: 0)
            try await upload.append(ByteChain(random.bytes(taken)))
            await #expect(throws: StoreError.self) { try await upload.finish() }
            #expect(store.usedBytes == 0)
        }
        let older = try await store.openUpload(key(blob.digest), at: 0)
        try await older.append(blob.content)
        let newer = try await store.openUpload(key(blob.digest), at: 0)
        try await newer.append(blob.content)
        try await newer.finish()
        #expect(store.usedBytes == 1_000)
    }

    @Test mutating func `a parked upload gives its room back when its time is over`() async throws {
        let clock = TurnedClock()
        var configuration = MemoryStore.Configuration()
        configuration.now = { clock.now }
        let store = MemoryStore(configuration)
        let (blob, other) = (random.blob(size: 1_000), random.blob(size: 10))
        let upload = try await store.openUpload(key(blob.digest), at: 0)
        try await upload.append(blob.content)
        await upload.park()
        clock.turn(by: .seconds(3599))
        #expect(await store.keptBytes(of: key(blob.digest)) == 1_000)
        clock.turn(by: .seconds(1))
        #expect(await store.keptBytes(of: key(blob.digest)) == nil)
        _ = try await store.openUpload(key(other.digest), at: 0)
        #expect(store.usedBytes == 0)
    }
}

/// A clock that stands until the test turns it.
private final class TurnedClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func turn(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}
