// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

struct FaultTests {
    /// Some of everything; returns the blobs that were acknowledged.
    private static func work(_ store: DiskStore, _ blobs: [WholeBlob]) async -> [WholeBlob] {
        var acknowledged: [WholeBlob] = []
        for part in [blobs[0..<4], blobs[4..<6]] {
            for (blob, result) in zip(part, await store.storeWhole(Array(part))) {
                if case .success = result { acknowledged.append(blob) }
            }
        }
        for blob in blobs[6...] {
            let key = UploadKey(
                instance: .unnamed, identifier: "u", digest: blob.digest, compressor: .identity)
            do {
                let upload = try await store.openUpload(key, at: 0)
                let half = blob.content.count / 2
                try await upload.append(blob.content[0..<half])
                try await upload.append(blob.content[half..<blob.content.count])
                try await upload.finish()
                acknowledged.append(blob)
            } catch {
                continue
            }
        }
        return acknowledged
    }

    private static func blobs(_ seed: UInt64) -> [WholeBlob] {
        var random = SeededRandom(seed: seed)
        return [5, 40_000, 1 << 20, 900_000, 4_096, 1 << 20 + 1, 2 << 20, 700].map { random.blob(size: $0) }
    }

    /// That acknowledged blobs are there, and others right or absent, and the ledger agrees with the disk.
    private static func check(
        _ test: TestStore, _ blobs: [WholeBlob], acknowledged: [WholeBlob], _ note: Comment
    ) async throws {
        var test = test
        test.environment = StoreEnvironment()
        try await test.using { store in
            for blob in acknowledged { #expect(try await store.has(blob.digest), note) }
            let missing = try await store.missing(among: blobs.map(\.digest))
            for blob in blobs {
                switch await store.readWhole([blob.digest])[0] {
                case .success(let content):
                    #expect(content == blob.content.joined(), note)
                    #expect(!missing.contains(blob.digest), note)
                case .failure(let error):
                    #expect(error.code == .notFound && missing.contains(blob.digest), note)
                }
            }
            #expect(store.figures.damagedEntries == 0, note)
            let sizes = try ["segments", "objects", "uploads"].map { folder in
                try test.directory.files(in: "store/\(folder)").reduce(0) { sum, path in
                    sum + SpaceLedger.blocks(try OperatingSystem().size(of: path))
                }
            }
            #expect(sizes[0] == store.space.used(for: .segments), note)
            #expect(sizes[1] == store.space.used(for: .objects), note)
            #expect(sizes[2] == 0 && store.space.used(for: .uploads) == 0, note)
            let again = await work(store, blobs)
            #expect(again.count == blobs.count, note)
        }
    }

    /// Runs the work with a fault at every call in turn.
    private func withFaultAtEveryCall(_ fault: (Int) -> FailingFileSystem.Fault) async throws {
        let blobs = Self.blobs(1)
        var call = 0
        while true {
            let system = FailingFileSystem()
            var test = try TestStore {
                $0.segmentSize = 1 << 20
                $0.eviction.minimumAge = .seconds(3600)
            }
            test.environment.system = system
            var acknowledged: [WholeBlob] = []
            var calls = 0
            try await test.abandoning { store in
                system.set(fault(call))
                acknowledged = await Self.work(store, blobs)
                calls = system.calls
            }
            try await Self.check(test, blobs, acknowledged: acknowledged, "fault at call \(call)")
            guard call < calls else { return }
            call += 1
        }
    }

    @Test func `a death at any call loses nothing that was acknowledged`() async throws {
        try await withFaultAtEveryCall { .death($0) }
    }

    @Test func `a full disk at any call loses nothing that was acknowledged`() async throws {
        try await withFaultAtEveryCall { .once($0, SystemError(number: 28)) }
    }

    @Test func `a full disk refuses with no space, and what may not go stays readable`() async throws {
        let system = FailingFileSystem()
        var test = try TestStore { $0.eviction.minimumAge = .seconds(3600) }
        test.environment.system = system
        let blobs = Self.blobs(2)
        try await test.using { store in
            try await store.store(blobs[0].content.joined(), as: blobs[0].digest)
            system.set(.full)
            for blob in blobs[1...] {
                for result in await store.storeWhole([blob]) {
                    #expect(throws: StoreError.self) { try result.get() }
                    if case .failure(let error) = result { #expect(error.code == .noSpace) }
                }
                #expect(try await !store.has(blob.digest))
            }
            #expect(try await store.content(of: blobs[0].digest) == blobs[0].content.joined())
            system.set(nil)
            for result in await store.storeWhole(blobs) { try result.get() }
        }
    }
}
