// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Synchronization
import Testing

@testable import CASDisk

/// Uploads over a disk that fails, and uploads that meet each other.
struct UploadFaultTests {
    private static let blobs: [WholeBlob] = {
        var random = SeededRandom(seed: 1)
        return [5_000, 2 << 20 + 11].map { random.blob(size: $0) }
    }()

    /// Parks and goes on with each blob, a third at a time; then both are there.
    private static func work(_ store: DiskStore) async {
        for round in 0..<3 {
            for blob in blobs {
                let size = blob.content.count
                do {
                    let kept = await store.keptBytes(of: blob.key) ?? 0
                    let upload = try await store.openUpload(blob.key, at: kept)
                    let end = round == 2 ? size : max(kept, size * (round + 1) / 3)
                    try await upload.append(blob.content[kept..<end])
                    if round == 2 { try await upload.finish() } else { await upload.park() }
                } catch {
                    continue
                }
            }
        }
    }

    /// Whatever is kept, the upload ends well from there.
    private static func check(_ test: TestStore, _ note: Comment) async throws {
        var test = test
        test.environment = StoreEnvironment()
        try await test.using { store in
            try test.checkLedger(store)
            for blob in blobs {
                let kept = await store.keptBytes(of: blob.key) ?? 0
                let size = blob.content.count
                #expect([0, size / 3, size * 2 / 3].contains(kept), note)
                try await store.goOn(blob, at: kept)
                #expect(try await store.streamed(blob.digest) == blob.content.joined(), note)
            }
            #expect(store.space.used(for: .uploads) == 0, note)
            #expect(try test.directory.files(in: "store/uploads").isEmpty, note)
            #expect(store.figures.damagedEntries == 0, note)
        }
    }

    private func withFaultAtEveryCall(_ fault: (Int) -> FailingFileSystem.Fault) async throws {
        var call = 0
        while true {
            let system = FailingFileSystem()
            var test = try TestStore()
            test.environment.system = system
            var calls = 0
            try await test.abandoning { store in
                system.set(fault(call))
                await Self.work(store)
                calls = system.calls
            }
            try await Self.check(test, "fault at call \(call)")
            guard call < calls else { break }
            call += 1
        }
        #expect(call > 30, "The work makes few calls: \(call).")
    }

    @Test func `a death at any call of parking and going on leaves what goes on, or nothing`() async throws {
        try await withFaultAtEveryCall { .death($0) }
    }

    @Test func `a full disk at any call of parking and going on leaves what goes on, or nothing`()
        async throws
    {
        try await withFaultAtEveryCall { .once($0, SystemError(number: 28)) }
    }

    @Test func `a failure at any call of parking and going on leaves what goes on, or nothing`()
        async throws
    {
        try await withFaultAtEveryCall { .once($0, .unreadable) }
    }

    @Test func `a store that fills while an upload is parked keeps nothing of it`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        let blob = Self.blobs[0]
        try await test.using { store in
            let upload = try await store.openUpload(blob.key, at: 0)
            try await upload.append(blob.content[0..<blob.half])
            system.set(.full)
            await upload.park()
            #expect(await store.keptBytes(of: blob.key) == nil)
            #expect(store.space.used(for: .uploads) == 0)
            system.set(nil)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            try await store.goOn(blob, at: 0)
        }
    }

    /// PROTOCOL.md W13.
    @Test func `an opening that comes in the middle of an append gets the upload when it comes again`()
        async throws
    {
        let (test, system, blob) = try Self.watchedStore()
        let third = blob.content.count / 3
        try await test.using { store in
            let older = try await store.openUpload(blob.key, at: 0)
            try await older.append(blob.content[0..<third])
            let code = Mutex<StoreError.Code?>(nil)
            system.set(
                .meanwhile(0) {
                    code.withLock { $0 = Self.code { _ = try store.uploads.open(blob.key, at: third) } }
                })
            await expect(code: .superseded) { try await older.append(blob.content[third..<2 * third]) }
            #expect(code.withLock { $0 } == .superseded)
            #expect(await store.keptBytes(of: blob.key) == 2 * third)
            await expect(code: .superseded) { try await older.append(blob.content[2 * third..<3 * third]) }
            try await store.goOn(blob, at: 2 * third)
            #expect(try await store.streamed(blob.digest) == blob.content.joined())
            try test.checkLedger(store)
        }
    }

    @Test func `an upload that starts anew in the middle of an append leaves nothing of the older`()
        async throws
    {
        let (test, system, blob) = try Self.watchedStore()
        try await test.using { store in
            let older = try await store.openUpload(blob.key, at: 0)
            let newer = Mutex<DiskUpload?>(nil)
            system.set(.meanwhile(1) { newer.withLock { $0 = try? store.uploads.open(blob.key, at: 0) } })
            await expect(code: .superseded) { try await older.append(blob.content[0..<blob.half]) }
            #expect(store.space.used(for: .uploads) == 0)
            let upload = try #require(newer.withLock { $0 })
            try await upload.append(blob.content)
            try await upload.finish()
            #expect(try await store.streamed(blob.digest) == blob.content.joined())
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4])
    func `an upload that starts anew while the older is being parked leaves nothing of it`(_ call: Int)
        async throws
    {
        let (test, system, blob) = try Self.watchedStore()
        try await test.using { store in
            let older = try await store.openUpload(blob.key, at: 0)
            try await older.append(blob.content[0..<blob.half])
            let newer = Mutex<DiskUpload?>(nil)
            system.set(.meanwhile(call) { newer.withLock { $0 = try? store.uploads.open(blob.key, at: 0) } })
            await older.park()
            #expect(system.calls > call)
            #expect(await store.keptBytes(of: blob.key) == 0)
            #expect(store.space.used(for: .uploads) == 0)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            let upload = try #require(newer.withLock { $0 })
            try await upload.append(blob.content)
            try await upload.finish()
        }
    }

    /// PROTOCOL.md Q2.
    @Test func `an upload that is being finished counts as kept until its blob is there`() async throws {
        let (test, system, blob) = try Self.watchedStore()
        let size = blob.content.count
        try await test.using { store in
            let upload = try await store.openUpload(blob.key, at: 0)
            try await upload.append(blob.content)
            let seen = Mutex<(kept: Int?, code: StoreError.Code?)>((nil, nil))
            system.set(
                .meanwhile(2) {
                    seen.withLock {
                        $0.kept = store.uploads.keptBytes(of: blob.key)
                        $0.code = Self.code { _ = try store.uploads.open(blob.key, at: size) }
                    }
                })
            try await upload.finish()
            #expect(seen.withLock { $0.kept } == size)
            #expect(seen.withLock { $0.code } == .superseded)
            #expect(await store.keptBytes(of: blob.key) == nil)
            #expect(try await store.has(blob.digest))
        }
    }

    private static func watchedStore() throws -> (TestStore, FailingFileSystem, WholeBlob) {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        return (test, system, blobs[1])
    }

    private static func code(_ body: () throws -> Void) -> StoreError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }
}
