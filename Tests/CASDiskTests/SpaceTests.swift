// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

struct SpaceTests {
    private static func sizeOnDisk(_ test: TestStore) throws -> Int {
        try test.directory.files(in: "store").reduce(0) { sum, path in
            let isCounted = ["segments/", "objects/", "uploads/", "index/", "records."].contains {
                path.contains($0)
            }
            return isCounted
                ? sum + SpaceLedger.blocks(try OperatingSystem().size(of: path)) : sum
        }
    }

    @Test(arguments: [1_000, 50_000, 1 << 20 + 5])
    func `the store never passes its maximum size, and says that it is full if nothing may go`(_ size: Int)
        async throws
    {
        let test = try TestStore {
            $0.maximumSize = 12 << 20
            $0.eviction.minimumAge = .seconds(3600)
        }
        try await test.using { try await Self.fill($0, test, size) }
    }

    private static func fill(_ store: DiskStore, _ test: TestStore, _ size: Int) async throws {
        var random = SeededRandom(seed: UInt64(size))
        var kept: [WholeBlob] = []
        var blob = random.blob(size: size)
        while case .success = await store.storeWhole([blob])[0] {
            kept.append(blob)
            blob = random.blob(size: size)
        }
        let result = await store.storeWhole([blob])[0]
        let error = #expect(throws: StoreError.self) { try result.get() }
        #expect(error?.code == .noSpace)
        #expect(try await !store.has(blob.digest))
        let sizeOnDisk = try sizeOnDisk(test)
        #expect(store.figures.usedBytes == sizeOnDisk && sizeOnDisk <= 12 << 20)
        // Most of the room is used, whatever the steps in which it is taken.
        #expect(kept.count * size > 9 << 20)
        for blob in kept {
            let content = try await store.content(of: blob.digest)
            #expect(content == blob.content.joined())
        }
    }

    @Test func `an upload takes room as its bytes arrive, and gives it back when it ends`() async throws {
        let test = try TestStore { $0.maximumSize = 20 << 20 }
        var random = SeededRandom(seed: 5)
        let digest = random.digest(size: 1 << 40)
        let key = UploadKey(instance: .unnamed, identifier: "u", digest: digest, compressor: .identity)
        try await test.using { store in
            let upload = try await store.openUpload(key, at: 0)
            #expect(store.space.used(for: .uploads) == 0)
            var failure: StoreError?
            while failure == nil {
                do throws(StoreError) {
                    try await upload.append(ByteChain(random.bytes(1 << 20)))
                } catch {
                    failure = error
                }
            }
            #expect(failure?.code == .noSpace)
            #expect(store.space.used(for: .uploads) == 0)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            #expect(await store.keptBytes(of: key) == nil)
        }
    }

    @Test func `uploads that are parked are dropped when their time is over`() async throws {
        let clock = TurnedClock()
        var test = try TestStore()
        test.environment.uploadClock = { clock.now }
        var random = SeededRandom(seed: 6)
        let (first, second) = (random.blob(size: 3 << 20), random.blob(size: 5))
        let keys = [first, second].map {
            UploadKey(instance: .unnamed, identifier: "u", digest: $0.digest, compressor: .identity)
        }
        try await test.using { store in
            let upload = try await store.openUpload(keys[0], at: 0)
            try await upload.append(first.content[0..<(2 << 20)])
            await upload.park()
            #expect(await store.keptBytes(of: keys[0]) == 2 << 20)
            clock.turn(by: .seconds(3600))
            #expect(await store.keptBytes(of: keys[0]) == nil)
            _ = try await store.openUpload(keys[1], at: 0)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
        }
    }

    @Test func `content that turns out to be here already takes no room`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 7)
        let blob = random.blob(size: 2 << 20)
        try await test.using { store in
            let uploads = try await [1, 2].asyncMap { number in
                try await store.openUpload(
                    UploadKey(
                        instance: .unnamed, identifier: "\(number)", digest: blob.digest,
                        compressor: .identity), at: 0)
            }
            for upload in uploads { try await upload.append(blob.content) }
            for upload in uploads { try await upload.finish() }
            #expect(try test.directory.files(in: "store/objects").count == 1)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            #expect(store.space.used(for: .objects) == 2 << 20)
        }
    }
}
