// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// DESIGN.md §5, PROTOCOL.md W14: what was parked is there when the store is opened again.
struct UploadRestartTests {
    /// Small and large, up to the byte and across several blocks; each is parked at its half.
    private static let sizes = [2, 5_000, 1 << 20 - 1, 1 << 20, 2 << 20, 5 << 20 + 11]

    private static func blobs(_ seed: UInt64, _ sizes: [Int] = sizes) -> [WholeBlob] {
        var random = SeededRandom(seed: seed)
        return sizes.map { random.blob(size: $0) }
    }

    @Test func `what was parked goes on after a restart`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(1)
        try await test.using { store in
            for blob in blobs { try await store.park(blob, blob.half) }
            try test.checkLedger(store)
        }
        #expect(try test.directory.files(in: "store/uploads").count == 2 * blobs.count)
        try await test.using { store in
            try test.checkLedger(store)
            for blob in blobs {
                #expect(await store.keptBytes(of: blob.key) == blob.half)
                try await store.goOn(blob, at: blob.half)
                #expect(try await store.streamed(blob.digest) == blob.content.joined())
            }
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            try test.checkLedger(store)
        }
        #expect(test.log.lines.isEmpty)
    }

    @Test func `what was parked survives many restarts, a piece in each`() async throws {
        let test = try TestStore()
        let blob = Self.blobs(2, [5 << 20 + 11])[0]
        let pieces = stride(from: 0, to: blob.content.count, by: 700_001).map { $0 }
        for start in pieces {
            try await test.using { store in
                let upload = try await store.openUpload(blob.key, at: start)
                try await upload.append(blob.content[start..<min(start + 700_001, blob.content.count)])
                await upload.park()
                try test.checkLedger(store)
            }
        }
        try await test.using { store in
            try await store.openUpload(blob.key, at: blob.content.count).finish()
            #expect(try await store.streamed(blob.digest) == blob.content.joined())
        }
    }

    @Test func `what a blob of another size limit parked goes on`() async throws {
        var test = try TestStore()
        let blob = Self.blobs(3, [40_000])[0]
        for limit in [4 << 10, 1 << 20] {
            test.configuration.largeBlobSize = limit
            try await test.using { try await $0.park(blob, 30_000) }
            test.configuration.largeBlobSize = limit == 4 << 10 ? 1 << 20 : 4 << 10
            try await test.using { store in
                let upload = try await store.openUpload(blob.key, at: 30_000)
                try await upload.append(blob.content[30_000..<35_000])
                await upload.park()
                _ = try await store.openUpload(blob.key, at: 35_000)
                try test.checkLedger(store)
            }
        }
        try await test.using { store in
            try await store.goOn(blob, at: 35_000)
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
        }
    }

    @Test func `what is open at a close is parked by it`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(4)
        var openings: [any BlobUpload] = []
        try await test.using { store in
            for blob in blobs {
                let upload = try await store.openUpload(blob.key, at: 0)
                try await upload.append(blob.content[0..<blob.half])
                openings.append(upload)
            }
        }
        openings = []
        try await test.using { store in
            try test.checkLedger(store)
            for blob in blobs {
                #expect(await store.keptBytes(of: blob.key) == blob.half)
                try await store.goOn(blob, at: blob.half)
            }
        }
    }

    @Test func `after a death, what was parked is there and what was open is gone`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore()
        test.environment.system = system
        let blobs = Self.blobs(5)
        let open = Self.blobs(6)
        try await test.abandoning { store in
            for blob in blobs { try await store.park(blob, blob.half) }
            for blob in open {
                try await store.openUpload(blob.key, at: 0).append(blob.content[0..<blob.half])
            }
            // Another opening, held until the death.
            let upload = try await store.openUpload(open[5].key, at: open[5].half)
            try await upload.append(open[5].content[open[5].half..<open[5].half + 1_000_000])
            system.set(.death(0))
            withExtendedLifetime(upload) {}
        }
        system.set(nil)
        try await test.using { store in
            try test.checkLedger(store)
            for blob in blobs {
                #expect(await store.keptBytes(of: blob.key) == blob.half)
                try await store.goOn(blob, at: blob.half)
            }
            // Nobody held the others any more, so they were parked.
            for blob in open[..<5] { #expect(await store.keptBytes(of: blob.key) == blob.half) }
            #expect(await store.keptBytes(of: open[5].key) == nil)
            #expect(try test.directory.files(in: "store/uploads").count == 2 * 5)
        }
        #expect(test.log.lines.contains { $0.contains("Unfinished uploads were removed") })
    }

    @Test func `after a loss of power nothing of uploads is kept`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(7)
        try await test.abandoning { store in
            for blob in blobs { try await store.park(blob, blob.half) }
        }
        try test.changeState { $0[.bootIdentityLow] = 1 }
        try await test.using { store in
            for blob in blobs { #expect(await store.keptBytes(of: blob.key) == nil) }
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            try test.checkLedger(store)
            for blob in blobs { try await store.goOn(blob, at: 0) }
        }
    }

    @Test func `the time of a parked upload runs on while the store is closed`() async throws {
        let clock = TurnedClock()
        var test = try TestStore()
        test.environment.wallClock = clock.wall
        // A machine that started again: the clock that goes on evenly tells nothing of the time before.
        test.environment.uploadClock = { .now }
        let blobs = Self.blobs(8, [10, 2 << 20])
        try await test.using { try await $0.park(blobs[0], 5) }
        clock.turn(by: .seconds(1000))
        try await test.using { store in
            #expect(await store.keptBytes(of: blobs[0].key) == 5)
            try await store.park(blobs[1], 1 << 20)
        }
        clock.turn(by: .seconds(2600))
        try await test.using { store in
            #expect(await store.keptBytes(of: blobs[0].key) == nil)
            #expect(await store.keptBytes(of: blobs[1].key) == 1 << 20)
            #expect(try test.directory.files(in: "store/uploads").count == 2)
            try test.checkLedger(store)
        }
        clock.turn(by: .seconds(-10_000))
        try await test.using { #expect(await $0.keptBytes(of: blobs[1].key) == 1 << 20) }
    }

    @Test func `a parked upload expires without another being opened`() async throws {
        let clock = TurnedClock()
        var test = try TestStore()
        test.environment.uploadClock = { clock.now }
        let blobs = Self.blobs(9, [10, 2 << 20])
        try await test.using { store in
            for blob in blobs { try await store.park(blob, blob.half) }
            clock.turn(by: .seconds(3599))
            store.uploads.expire()
            #expect(try test.directory.files(in: "store/uploads").count == 4)
            clock.turn(by: .seconds(1))
            store.uploads.expire()
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            #expect(store.space.used(for: .uploads) == 0)
        }
    }

    @Test func `the limits hold for what is found at an opening`() async throws {
        let clock = TurnedClock()
        var test = try TestStore()
        test.environment.wallClock = clock.wall
        let blobs = Self.blobs(10, [100, 200, 300, 400])
        try await test.using { store in
            for blob in blobs {
                try await store.park(blob, blob.half)
                clock.turn(by: .seconds(1))
            }
        }
        test.configuration.uploads.parkedAtMost = 3
        test.configuration.uploads.parkedBytesAtMost = 360
        try await test.using { store in
            let kept = await blobs.asyncMap { await store.keptBytes(of: $0.key) }
            #expect(kept == [nil, nil, 150, 200])
            #expect(try test.directory.files(in: "store/uploads").count == 4)
            try test.checkLedger(store)
        }
    }

    @Test func `the oldest parked upload makes room when asked`() async throws {
        let test = try TestStore()
        let blobs = Self.blobs(11, [10, 4 << 20])
        try await test.using { store in
            for blob in blobs { try await store.park(blob, blob.half) }
            #expect(store.uploads.dropOldestParked() == 2 * 4096)
            #expect(await store.keptBytes(of: blobs[0].key) == nil)
            try test.checkLedger(store)
            #expect(store.uploads.dropOldestParked() == 2 << 20 + 4096)
            #expect(store.space.used(for: .uploads) == 0)
            #expect(try test.directory.files(in: "store/uploads").isEmpty)
            #expect(store.uploads.dropOldestParked() == 0)
        }
    }

    @Test func `a parked upload of a large blob holds no room that it does not use`() async throws {
        let test = try TestStore()
        let blob = Self.blobs(12, [30 << 20])[0]
        try await test.using { store in
            try await store.park(blob, 1 << 20 + 5)
            #expect(store.space.used(for: .uploads) == 1 << 20 + 4096 + 4096)
            try test.checkLedger(store)
        }
    }
}

extension WholeBlob {
    var half: Int { content.count / 2 }

    var key: UploadKey {
        UploadKey(instance: .unnamed, identifier: "../u\u{0}ü", digest: digest, compressor: .identity)
    }
}

extension DiskStore {
    /// Brings the first `count` bytes, and parks.
    func park(_ blob: WholeBlob, _ count: Int) async throws {
        let upload = try await openUpload(blob.key, at: 0)
        try await upload.append(blob.content[0..<count])
        await upload.park()
    }

    /// Brings the bytes from `offset` on, and finishes.
    func goOn(_ blob: WholeBlob, at offset: Int) async throws {
        let upload = try await openUpload(blob.key, at: offset)
        try await upload.append(blob.content[offset..<blob.content.count])
        try await upload.finish()
    }
}

extension TestStore {
    /// That the ledger counts what uploads occupy, and nothing else.
    func checkLedger(_ store: DiskStore, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let onDisk = try directory.files(in: "store/uploads").reduce(0) { sum, path in
            sum + SpaceLedger.blocks(try OperatingSystem().size(of: path))
        }
        #expect(store.space.used(for: .uploads) == onDisk, sourceLocation: sourceLocation)
    }
}

extension Array {
    func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
