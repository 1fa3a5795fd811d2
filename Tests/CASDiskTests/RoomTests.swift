// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Synchronization
import Testing

@testable import CASDisk

/// What a request finds at the limit.
struct RoomTests {
    private static func key(_ blob: WholeBlob, _ identifier: String = "u") -> UploadKey {
        UploadKey(
            instance: .unnamed, identifier: identifier, digest: blob.digest, compressor: .identity)
    }

    private static func upload(_ blob: WholeBlob, to store: DiskStore) async throws {
        let upload = try await store.openUpload(key(blob), at: 0)
        var offset = 0
        while offset < blob.content.count {
            let end = min(offset + 300_000, blob.content.count)
            try await upload.append(blob.content[offset..<end])
            offset = end
        }
        try await upload.finish()
    }

    @Test func `an upload that finds no room waits until others made some`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 1)
        try await fixture.test.using { store in
            for _ in 0..<20 {
                let blob = random.blob(size: 3 << 20 + 77)
                try await Self.upload(blob, to: store)
                #expect(store.space.total <= EvictionFixture.maximumSize)
                #expect(try await store.content(of: blob.digest) == blob.content.joined())
                fixture.clock.turn(by: 1)
            }
            #expect(store.figures.evictedBlobs >= 16)
            try fixture.check(store)
        }
    }

    @Test func `for a blob that could never fit nothing is evicted`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 2)
        try await fixture.test.using { store in
            let blobs = try await fixture.fill(store, bytes: 4 << 20, &random)
            let huge = UploadKey(
                instance: .unnamed, identifier: "u", digest: random.digest(size: 1 << 30),
                compressor: .identity)
            let upload = try await store.openUpload(huge, at: 0)
            var failure: StoreError?
            while failure == nil {
                do throws(StoreError) {
                    try await upload.append(ByteChain(random.bytes(1 << 20)))
                } catch {
                    failure = error
                }
            }
            #expect(failure?.code == .noSpace)
            #expect(try await store.present(blobs).count == blobs.count)
            try fixture.check(store)
        }
    }

    @Test func `a request is refused when nothing may be evicted, and succeeds when something may`()
        async throws
    {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(60) }
        var random = SeededRandom(seed: 3)
        try await fixture.test.using { store in
            var blob = random.blob(size: 3 << 20)
            for _ in 0..<100 {
                guard (try? await Self.upload(blob, to: store)) != nil else { break }
                blob = random.blob(size: 3 << 20)
            }
            let error = await #expect(throws: StoreError.self) { try await Self.upload(blob, to: store) }
            #expect(error?.code == .noSpace)
            #expect(store.figures.evictedBlobs == 0)
            fixture.clock.turn(by: 61)
            try await Self.upload(blob, to: store)
            #expect(store.figures.evictedBlobs > 0)
            try fixture.check(store)
        }
    }

    @Test func `when no blob may go, an upload that broke off makes room`() async throws {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(3600) }
        var random = SeededRandom(seed: 21)
        try await fixture.test.using { store in
            let broken = random.blob(size: EvictionFixture.maximumSize * 3 / 4)
            let upload = try await store.openUpload(Self.key(broken), at: 0)
            try await upload.append(broken.content[0..<EvictionFixture.maximumSize / 2])
            await upload.park()
            let kept = try await fixture.fill(store, bytes: EvictionFixture.maximumSize / 4, &random)
            let blob = random.blob(size: EvictionFixture.maximumSize / 2)
            try await Self.upload(blob, to: store)
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
            #expect(try await store.present(kept).count == kept.count)
            #expect(await store.keptBytes(of: Self.key(broken)) == nil)
            try fixture.check(store)
        }
    }

    @Test func `in a full store, what is kept finds room before what goes is gone`() async throws {
        let fixture = try EvictionFixture { $0.eviction.minimumAge = .seconds(50) }
        var random = SeededRandom(seed: 9)
        try await fixture.test.using { store in
            var all: [WholeBlob] = []
            var isFull = false
            for _ in 0..<10_000 where !isFull {
                do { all += try await fixture.fill(store, bytes: 1, &random) } catch { isFull = true }
            }
            #expect(isFull)
            fixture.clock.turn(by: 60)
            let kept = stride(from: 0, to: all.count, by: 2).map { all[$0] }
            _ = try await store.missing(among: kept.map(\.digest))
            try await fixture.fill(store, bytes: 1 << 20, &random)
            #expect(try await store.present(kept).count == kept.count)
            #expect(try await store.present(all).count < all.count)
            try fixture.check(store)
        }
    }

    @Test func `a disk that is full makes room by eviction`() async throws {
        let fixture = try EvictionFixture { $0.maximumSize = nil }
        var random = SeededRandom(seed: 4)
        try await fixture.test.using { store in
            let blobs = try await fixture.fill(store, bytes: 6 << 20, &random)
            fixture.clock.turn(by: 10)
            fixture.system.set(.once(0, SystemError(number: 28)))
            try await Self.upload(random.blob(size: 1 << 20), to: store)
            fixture.system.set(nil)
            let count = try await store.present(blobs).count
            #expect(count < blobs.count && count > blobs.count / 2)
            try fixture.check(store)
        }
    }

    @Test func `a disk that stays full does not cost the whole store`() async throws {
        let fixture = try EvictionFixture { $0.maximumSize = nil }
        var random = SeededRandom(seed: 5)
        try await fixture.test.using { store in
            let blobs = try await fixture.fill(store, bytes: 6 << 20, &random)
            fixture.clock.turn(by: 10)
            fixture.system.set(.full)
            let error = await #expect(throws: StoreError.self) {
                try await Self.upload(random.blob(size: 1 << 20), to: store)
            }
            #expect(error?.code == .noSpace)
            fixture.system.set(nil)
            #expect(try await store.present(blobs).count > blobs.count / 3)
            try fixture.check(store)
        }
    }

    @Test func `what others fill of the disk counts, up to the free space that is to stay`() async throws {
        let fixture = try EvictionFixture {
            $0.maximumSize = nil
            ($0.eviction.minimumFree, $0.eviction.freeTarget) = (100 << 20, 102 << 20)
            $0.eviction.minimumAge = .seconds(5)
        }
        var random = SeededRandom(seed: 6)
        fixture.system.set(freeSpace: 200 << 20)
        try await fixture.test.using { store in
            let blobs = try await fixture.fill(store, bytes: 4 << 20, &random)
            #expect(store.evict().isReached)
            fixture.clock.turn(by: 10)
            fixture.system.set(freeSpace: 100 << 20)
            // The free space of this test does not grow: everything goes, and the request is told.
            let blob = random.blob(size: 2 << 20)
            let error = await #expect(throws: StoreError.self) { try await Self.upload(blob, to: store) }
            #expect(error?.code == .noSpace)
            #expect(try await store.present(blobs).isEmpty)
            fixture.system.set(freeSpace: 110 << 20)
            try await Self.upload(blob, to: store)
            try fixture.check(store)
        }
    }

    @Test func `with little free, a thread of the store's own begins before requests are refused`()
        async throws
    {
        let woken = Mutex(0)
        let goal = EvictionGoal(
            {
                var limits = EvictionLimits()
                (limits.minimumFree, limits.freeTarget) = (1000, 2000)
                return limits
            }(), maximumSize: 10_000, segmentSize: 100)
        let free = Mutex(5000)
        let space = SpaceLedger(goal) { free.withLock { $0 } }
        space.whenShort { woken.withLock { $0 += 1 } }
        try space.take(100, for: .segments)
        #expect(woken.withLock { $0 } == 0)
        free.withLock { $0 = 1300 }
        try space.take(100, for: .segments)
        #expect(woken.withLock { $0 } == 1)
        #expect(throws: StoreError.self) { try space.take(301, for: .segments) }
        try space.take(301, for: .segments, mayUseReserve: true)
        free.withLock { $0 = 50_000 }
        woken.withLock { $0 = 0 }
        try space.take(9_000, for: .objects)
        #expect(woken.withLock { $0 } == 1, "the high mark was passed")
        try space.take(100, for: .objects)
        #expect(woken.withLock { $0 } == 1, "and is told once")
        #expect(throws: StoreError.self) { try space.take(400, for: .objects) }
        try space.take(399, for: .objects, mayUseReserve: true)
        space.give(1000, from: .objects)
        try space.take(900, for: .objects)
        #expect(woken.withLock { $0 } == 2)
    }

    @Test func `many who write and read at once find room`() async throws {
        var fixture = try EvictionFixture()
        fixture.test.environment.hasThreads = true
        let seed = UInt64.random(in: 0 ... .max)
        print("seed", seed)
        let store = try fixture.test.open()
        defer { store.close() }
        let fixtureNow = fixture
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<6 {
                group.addTask {
                    var random = SeededRandom(seed: seed &+ UInt64(writer))
                    for round in 0..<40 {
                        let blobs = [3_000, 30_000, writer % 2 == 0 ? 900_000 : 63_000].map {
                            random.blob(size: $0)
                        }
                        if round % 3 == 0 {
                            try await Self.upload(blobs[2], to: store)
                        } else {
                            for result in await store.storeWhole(blobs) { try result.get() }
                        }
                        fixtureNow.clock.turn(by: 1)
                        for blob in blobs {
                            switch await store.readWhole([blob.digest])[0] {
                            case .success(let content): #expect(content == blob.content.joined())
                            case .failure(let error): #expect(error.code == .notFound)
                            }
                        }
                        #expect(store.space.total <= EvictionFixture.maximumSize)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(store.figures.evictedBlobs > 0)
        store.room.stop()
        try fixture.check(store)
    }

    @Test func `a maximum size too small to work is refused with one that works`() async throws {
        var fixture = try EvictionFixture { $0.maximumSize = 1 }
        let smallest = fixture.test.configuration.smallestMaximumSize
        fixture.test.configuration.maximumSize = smallest - 1
        let error = #expect(throws: StoreError.self) { try fixture.test.open() }
        #expect(error?.code == .unusable && error?.sentence.contains("at least \(smallest) bytes") == true)
    }

    @Test(arguments: [4 << 10, 64 << 10, 1 << 20])
    func `a store of the smallest size works`(_ largeBlobSize: Int) async throws {
        var fixture = try EvictionFixture {
            $0.largeBlobSize = largeBlobSize
            $0.segmentSize = nil
        }
        fixture.test.configuration.maximumSize = fixture.test.configuration.smallestMaximumSize
        var random = SeededRandom(seed: 7)
        try await fixture.test.using { store in
            for number in 0..<60 {
                let size = [1, 500, largeBlobSize - 1, largeBlobSize][number % 4]
                let blob = random.blob(size: size)
                for result in await store.storeWhole([blob]) { try result.get() }
                #expect(try await store.content(of: blob.digest) == blob.content.joined())
                try await store.updateReferences(
                    [try ReferenceKey("\(number)")], in: .unnamed, to: blob.digest)
                fixture.clock.turn(by: 1)
            }
            #expect(store.space.total <= fixture.test.configuration.maximumSize ?? 0)
            try fixture.check(store)
        }
    }

    @Test func `limits that contradict each other are refused`() throws {
        func sentence(_ change: (inout EvictionLimits) -> Void) -> String {
            do {
                _ = try EvictionFixture { change(&$0.eviction) }.test.open()
                return "it opened"
            } catch {
                return "\(error)"
            }
        }
        #expect(sentence { $0.lowWater = 0.96 }.contains("low water mark"))
        #expect(sentence { $0.highWater = 1.01 }.contains("water mark"))
        #expect(sentence { $0.lowWater = 0 }.contains("low water mark"))
        #expect(sentence { $0.minimumFree = -1 }.contains("minimum of free space"))
        #expect(sentence { ($0.minimumFree, $0.freeTarget) = (10, 9) }.contains("target of free space"))
        #expect(sentence { $0.freeTarget = 9 }.contains("no minimum"))
        #expect(sentence { $0.minimumAge = .seconds(-1) }.contains("minimum age"))
    }

    @Test func `the file of a writer that another was faster than goes at once`() async throws {
        let fixture = try EvictionFixture()
        var random = SeededRandom(seed: 8)
        let blob = random.blob(size: 200_000)
        try await fixture.test.using { store in
            for result in await store.storeWhole([blob]) { try result.get() }
            // As a second writer does that looked before the first had stored it.
            let object = try IncomingObject(
                size: blob.digest.size, objects: store.catalog.objects, space: store.space)
            for slice in blob.content.slices { object.take(slice) }
            try object.finish(as: blob.digest, to: store.appender)
            #expect(try fixture.test.directory.files(in: "store/objects").count == 1)
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
            try fixture.check(store)
        }
    }
}
