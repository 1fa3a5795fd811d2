// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

/// PROTOCOL.md §8: whether the store can write.
struct WritabilityTests {
    /// Some of each kind of write fails, with a file system that is failing.
    private static func tryWrites(_ store: DiskStore, _ random: inout SeededRandom) async {
        for size in [5_000, 2 << 20] {
            let blob = random.blob(size: size)
            for result in await store.storeWhole([blob]) {
                #expect(throws: StoreError.self) { try result.get() }
            }
            await #expect(throws: StoreError.self) { try await store.goOn(blob, at: 0) }
        }
    }

    @Test func `a disk that refuses writes makes the store read-only until it takes them`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        var random = SeededRandom(seed: 1)
        let blob = random.blob(size: 5_000)
        try await test.using { store in
            try await store.store(blob.content.joined(), as: blob.digest)
            system.set(.readOnly)
            #expect(store.checkWritability() == .writable, "nothing was tried")
            await Self.tryWrites(store, &random)
            guard case .readOnly(let reason) = store.writability else {
                Issue.record("The store takes itself for writable.")
                return
            }
            #expect(reason.contains("Read-only file system"))
            #expect(store.checkWritability() != .writable)
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
            system.set(nil)
            #expect(store.writability != .writable, "nothing was tried")
            #expect(store.checkWritability() == .writable)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            try await store.goOn(random.blob(size: 2 << 20), at: 0)
        }
    }

    @Test func `a write that succeeds makes the store writable again by itself`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        var random = SeededRandom(seed: 2)
        try await test.using { store in
            system.set(.readOnly)
            await Self.tryWrites(store, &random)
            #expect(store.writability != .writable)
            system.set(nil)
            try await store.goOn(random.blob(size: 10), at: 0)
            #expect(store.writability == .writable)
        }
    }

    @Test func `a few writes that fail do not make the store read-only`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        var random = SeededRandom(seed: 3)
        try await test.using { store in
            for _ in 0..<5 {
                for _ in 0..<2 {
                    system.set(.readOnly)
                    await #expect(throws: StoreError.self) {
                        try await store.goOn(random.blob(size: 10), at: 0)
                    }
                }
                #expect(store.writability == .writable)
                system.set(nil)
                try await store.goOn(random.blob(size: 10), at: 0)
            }
        }
    }

    @Test func `a full disk takes writes`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        var random = SeededRandom(seed: 4)
        try await test.using { store in
            system.set(.full)
            await Self.tryWrites(store, &random)
            #expect(store.writability == .writable)
            system.set(.readOnly)
            await Self.tryWrites(store, &random)
            #expect(store.checkWritability() != .writable)
            system.set(.full)
            #expect(store.checkWritability() == .writable)
        }
    }

    @Test func `a sync that failed makes the store read-only for good`() throws {
        let system = FailingFileSystem()
        let directory = try TemporaryDirectory()
        let path = directory.path("file")
        let file = try File(path, .create, on: system)
        let dirty = DirtyFiles(on: system) {}
        let writes = WriteHealth { dirty.failure }
        dirty.note(path)
        try dirty.sync()
        #expect(writes.writability == .writable)
        dirty.note(path)
        system.set(.once(1, .unreadable))
        #expect(throws: StoreError.self) { try dirty.sync() }
        system.set(nil)
        writes.noteSuccess()
        guard case .readOnly(let reason) = writes.writability else {
            Issue.record("The store takes itself for writable.")
            return
        }
        #expect(reason.contains("The disk did not take"))
        withExtendedLifetime(file) {}
    }
}
