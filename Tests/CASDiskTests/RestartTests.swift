// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

struct RestartTests {
    private static let sizes = [1, 31, 4_096, 100_000, 1 << 20, 3 << 20 + 5]

    private static func blobs(_ seed: UInt64, _ sizes: [Int] = sizes) -> [WholeBlob] {
        var random = SeededRandom(seed: seed)
        return sizes.map { random.blob(size: $0) }
    }

    private static func store(_ blobs: [WholeBlob], in store: DiskStore) async throws {
        for result in await store.storeWhole(blobs) { try result.get() }
    }

    private static func check(_ blobs: [WholeBlob], in store: DiskStore) async throws {
        #expect(try await store.missing(among: blobs.map(\.digest)).isEmpty)
        for blob in blobs {
            #expect(try await store.streamed(blob.digest) == blob.content.joined())
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
        }
    }

    @Test func `a restart keeps everything`() async throws {
        let test = try TestStore()
        let key = try ReferenceKey("main")
        let (first, second) = (Self.blobs(1), Self.blobs(2))
        try await test.using { store in
            try await Self.store(first, in: store)
            try await store.updateReferences([key], in: .unnamed, to: first[0].digest)
        }
        let used = try await test.using { store in
            try await Self.check(first, in: store)
            #expect(try await store.reference(key, in: .unnamed) == first[0].digest)
            try await Self.store(second, in: store)
            return store.space.total - store.space.used(for: .records)
        }
        try await test.using { store in
            try await Self.check(first + second, in: store)
            #expect(store.space.total - store.space.used(for: .records) == used)
        }
        #expect(test.log.lines.isEmpty)
    }

    @Test func `a death keeps everything that was acknowledged`() async throws {
        let test = try TestStore { $0.segmentSize = 2 << 20 }
        var all: [WholeBlob] = []
        for round in 0..<5 {
            try await test.abandoning { store in
                try await Self.check(all, in: store)
                let blobs = Self.blobs(UInt64(round), Self.sizes + [9, 10, 11])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for blob in blobs { group.addTask { try await Self.store([blob], in: store) } }
                    try await group.waitForAll()
                }
                all += blobs
            }
        }
        try await test.using { try await Self.check(all, in: $0) }
        let notices = test.log.lines.filter { $0.contains("the process was killed") }
        #expect(notices.count == 5)
    }

    @Test func `records that were written and not yet in the index are found after a death`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(7)
        try await test.abandoning { store in
            try await Self.store(blobs, in: store)
        }
        // As if nothing had been settled, and the index not been there yet.
        try test.changeState { state in state[.settledSegment, .settledOffset] = Place(segment: 1, offset: 0)
        }
        for path in try test.directory.files(in: "store/index") where !path.hasSuffix("/state") {
            try FileManager.default.removeItem(atPath: path)
        }
        try await test.using { store in
            #expect(store.figures.blobs == blobs.count)
            try await Self.check(blobs, in: store)
        }
    }

    @Test func `an index that is gone is made again from the segments`() async throws {
        let test = try TestStore { $0.segmentSize = 1 << 20 }
        let (first, second) = (Self.blobs(8), Self.blobs(9))
        try await test.using { try await Self.store(first, in: $0) }
        try FileManager.default.removeItem(atPath: test.directory.path("store/index"))
        try await test.using { store in
            try await Self.check(first, in: store)
            try await Self.store(second, in: store)
        }
        try await test.using { try await Self.check(first + second, in: $0) }
    }

    @Test func `an index of which a part is gone is made whole from the segments`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(14, [5, 6, 7, 8, 9, 2 << 20])
        try await test.using { try await Self.store(blobs, in: $0) }
        try FileManager.default.removeItem(atPath: try test.directory.files(in: "store/index")[0])
        try await test.using { try await Self.check(blobs, in: $0) }
        #expect(test.log.lines.contains { $0.contains("its index is not whole") })
    }

    @Test func `after a boot that was not waited for, the log goes on in a new segment with higher numbers`()
        async throws
    {
        let test = try TestStore()
        let (first, second) = (Self.blobs(10), Self.blobs(11))
        try await test.abandoning { try await Self.store(first, in: $0) }
        try test.changeState { state in
            state[.bootIdentityLow] = 1
            state[.nextSequence] = 1
        }
        try await test.using { store in
            try await Self.store(second, in: store)
            let sequences = (first + second).map {
                store.catalog.index.find(IndexKey(of: $0.digest))?.sequence
            }
            #expect(Set(sequences).count == first.count + second.count)
            try await Self.check(first + second, in: store)
        }
        #expect(try test.directory.files(in: "store/segments").count == 2)
    }

    @Test func `what nothing names is removed after a death`() async throws {
        let test = try TestStore()
        let blob = Self.blobs(12, [2 << 20])[0]
        try await test.abandoning { try await Self.store([blob], in: $0) }
        let object = try #require(try test.directory.files(in: "store/objects").first)
        var random = SeededRandom(seed: 13)
        let stray = ObjectName(key: IndexKey(of: random.digest(size: 9)), storedSize: 9, sequence: 1)
        let directory = test.directory.path("store/objects/\(stray.directory)")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(count: 9).write(to: URL(fileURLWithPath: "\(directory)/\(stray.text)"))
        try Data(count: 9).write(to: URL(fileURLWithPath: test.directory.path("store/uploads/17")))
        try await test.using { store in
            #expect(try test.directory.files(in: "store/objects") == [object])
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            #expect(store.space.used(for: .objects) == 2 << 20)
            #expect(store.space.used(for: .uploads) == 0)
            try await Self.check([blob], in: store)
        }
    }
}

extension TestStore {
    /// Changes the state of a store that is not open.
    func changeState(_ body: (StoreState) -> Void) throws {
        body(try StoreState(StoreFiles(root: configuration.root, on: OperatingSystem())))
    }
}
