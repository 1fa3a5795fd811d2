// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Logging
import Synchronization
import Testing

@testable import CASDisk

/// The time of day as a test turns it.
final class TurnedWallClock: Sendable {
    private let time = Mutex<UInt32>(1_000_000)

    var now: UInt32 { time.withLock { $0 } }

    func turn(by seconds: UInt32) {
        time.withLock { $0 += seconds }
    }
}

/// A small store with small segments, whose evictions happen when the test says so, or when a request finds no
/// room.
struct EvictionFixture {
    var test: TestStore
    let clock = TurnedWallClock()
    let system = FailingFileSystem()

    static let maximumSize = 12 << 20
    static let largeBlobSize = 64 << 10

    init(_ change: (inout DiskStoreConfiguration) -> Void = { _ in }) throws {
        test = try TestStore {
            $0.maximumSize = Self.maximumSize
            $0.segmentSize = 512 << 10
            $0.largeBlobSize = Self.largeBlobSize
            change(&$0)
        }
        let clock = clock
        test.environment.system = system
        test.environment.hasThreads = false
        test.environment.wallClock = WallClock { clock.now }
    }

    var logger: Logger {
        let log = test.log
        return Logger(label: "test") { _ in log }
    }

    /// That the ledger agrees with the disk, that every object's file is one that the index leads to, and that
    /// nothing was found damaged.
    func check(_ store: DiskStore, _ note: Comment? = nil) throws {
        for (folder, use) in [
            ("segments", SpaceLedger.Use.segments), ("objects", .objects), ("uploads", .uploads),
        ] {
            #expect(try sizeOnDisk(folder) == store.space.used(for: use), note)
        }
        let index = try test.directory.files(in: "store/index")
        #expect(try Self.size(index) == store.space.used(for: .index), note)
        var named: Set<String> = []
        store.catalog.index.forEach { entry in
            guard entry.kind == .object, let (header, _) = try? store.catalog.record(of: entry) else {
                return
            }
            named.insert(header.objectName.text)
        }
        let found = try test.directory.files(in: "store/objects").map {
            String($0.split(separator: "/").last!)
        }
        #expect(Set(found) == named, note)
        #expect(store.figures.damagedEntries == 0, note)
    }

    func sizeOnDisk(_ folder: String) throws -> Int {
        try Self.size(try test.directory.files(in: "store/\(folder)"))
    }

    private static func size(_ paths: [String]) throws -> Int {
        try paths.reduce(0) { $0 + SpaceLedger.blocks(try OperatingSystem().size(of: $1)) }
    }

    /// Stores blobs of `bytes` bytes together, which nobody uses again; every tenth is large.
    @discardableResult
    func fill(
        _ store: DiskStore, bytes: Int, _ random: inout SeededRandom, using hot: [WholeBlob] = [],
        beforeEach: () -> Void = {}
    ) async throws -> [WholeBlob] {
        var stored: [WholeBlob] = []
        var sum = 0
        while sum < bytes {
            let isLarge = stored.count % 10 == 9
            let size =
                isLarge
                ? Int.random(in: 70_000...200_000, using: &random)
                : Int.random(in: 1...20_000, using: &random)
            let blob = random.blob(size: size)
            beforeEach()
            for result in await store.storeWhole([blob]) { try result.get() }
            stored.append(blob)
            sum += size
            if stored.count % 8 == 0 {
                clock.turn(by: 1)
                _ = try await store.missing(among: hot.map(\.digest))
            }
        }
        return stored
    }
}

extension DiskStore {
    /// Those of `blobs` that are here, after their content was compared.
    func present(_ blobs: [WholeBlob]) async throws -> [WholeBlob] {
        var present: [WholeBlob] = []
        for blob in blobs where catalog.index.find(IndexKey(of: blob.digest)) != nil {
            #expect(try await content(of: blob.digest) == blob.content.joined())
            present.append(blob)
        }
        return present
    }
}
