// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// What is not whole of a parked upload is dropped, and the client starts anew.
struct UploadDamageTests {
    private static let sizes = [5_000, 3 << 20 + 11]

    private static func blob(_ size: Int) -> WholeBlob {
        var random = SeededRandom(seed: UInt64(size))
        return random.blob(size: size)
    }

    /// A closed store in which half of `blob` is parked.
    private static func parked(_ blob: WholeBlob) async throws -> TestStore {
        let test = try TestStore()
        try await test.using { try await $0.park(blob, blob.half) }
        return test
    }

    @Test func `a description reads back what was written, and nothing else`() throws {
        var random = SeededRandom(seed: 1)
        let key = UploadKey(
            instance: try InstanceName("a/ü"), identifier: "\u{0}/..\u{7}",
            digest: random.digest(size: 9 << 20),
            compressor: .zstd)
        let description = UploadDescription(
            key: key, receivedBytes: 3 << 20 + 1, parkedAt: .max, checksums: [1, 2, 3, .max])
        let bytes = Array(description.encoded())
        func read(_ bytes: [UInt8]) -> UploadDescription? { bytes.withUnsafeBytes { UploadDescription($0) } }
        #expect(bytes.count == description.encodedSize)
        #expect(read(bytes) == description)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1
            #expect(read(damaged) == nil)
            #expect(read(Array(bytes[..<place])) == nil)
        }
    }

    @Test func `a description that says what cannot be is none`() throws {
        var random = SeededRandom(seed: 2)
        let key = UploadKey(
            instance: .unnamed, identifier: "u", digest: random.digest(size: 2 << 20), compressor: .identity)
        func isRead(_ receivedBytes: Int, _ checksums: [UInt64]) -> Bool {
            let description = UploadDescription(
                key: key, receivedBytes: receivedBytes, parkedAt: 0, checksums: checksums)
            return description.encoded().withUnsafeBytes { UploadDescription($0) } != nil
        }
        #expect(isRead(1, [0]) && isRead(2 << 20, [0, 0]))
        #expect(!isRead(0, []) && !isRead(2 << 20 + 1, [0, 0, 0]) && !isRead(1, [0, 0]) && !isRead(1, []))
    }

    @Test(arguments: sizes) func `a damaged description drops the upload`(_ size: Int) async throws {
        let blob = Self.blob(size)
        let test = try await Self.parked(blob)
        try test.damage("uploads/1.key", at: 20)
        try await Self.checkNothingIsKept(of: blob, in: test)
    }

    @Test(arguments: sizes) func `a file that is too short drops the upload`(_ size: Int) async throws {
        let blob = Self.blob(size)
        let test = try await Self.parked(blob)
        let path = test.directory.path("store/uploads/1")
        #expect(truncate(path, blob.half - 1) == 0)
        try await Self.checkNothingIsKept(of: blob, in: test)
    }

    @Test(arguments: ["1", "1.key"]) func `one file without the other is removed`(_ name: String) async throws
    {
        let blob = Self.blob(5_000)
        let test = try await Self.parked(blob)
        try FileManager.default.removeItem(atPath: test.directory.path("store/uploads/\(name)"))
        try await Self.checkNothingIsKept(of: blob, in: test)
    }

    @Test func `what is neither is removed`() async throws {
        let blob = Self.blob(5_000)
        let test = try await Self.parked(blob)
        for name in ["1.key.new", "2.key.new", "x", ".key", "1.1.key", "-1", "07"] {
            try Data(count: 300).write(to: URL(fileURLWithPath: test.directory.path("store/uploads/\(name)")))
        }
        try await test.using { store in
            let names = try test.directory.files(in: "store/uploads").map { $0.split(separator: "/").last }
            #expect(names == ["1", "1.key"])
            try test.checkLedger(store)
            try await store.park(Self.blob(6_000), 10)
            try await store.goOn(blob, at: blob.half)
        }
    }

    @Test(arguments: sizes, [false, true])
    func `bytes that were damaged while parked are not gone on with`(_ size: Int, isLast: Bool) async throws {
        let blob = Self.blob(size)
        let test = try await Self.parked(blob)
        try test.damage("uploads/1", at: isLast ? blob.half - 1 : 0)
        try await test.using { store in
            #expect(await store.keptBytes(of: blob.key) == blob.half)
            await expect(code: .superseded) { _ = try await store.openUpload(blob.key, at: blob.half) }
            try await Self.checkNothingIsKept(of: blob, in: test, store)
        }
    }

    @Test func `a small blob that was damaged while parked is not gone on with by the same process`()
        async throws
    {
        let (test, blob) = (try TestStore(), Self.blob(5_000))
        try await test.using { store in
            try await store.park(blob, blob.half)
            try test.damage("uploads/1", at: 7)
            await expect(code: .superseded) { _ = try await store.openUpload(blob.key, at: blob.half) }
            try await Self.checkNothingIsKept(of: blob, in: test, store)
        }
    }

    @Test(arguments: sizes) func `bytes that cannot be read are not gone on with`(_ size: Int) async throws {
        let blob = Self.blob(size)
        var test = try await Self.parked(blob)
        for call in 0..<3 {
            let system = FailingFileSystem()
            test.environment.system = system
            try await test.using { store in
                // To remove the description, to open the file, to read it.
                system.set(.once(call, .unreadable))
                await expect(code: .superseded) { _ = try await store.openUpload(blob.key, at: blob.half) }
                system.set(nil)
                #expect(store.space.used(for: .uploads) == 0)
                try await Self.checkNothingIsKept(of: blob, in: test, store)
                try await store.park(blob, blob.half)
            }
        }
    }

    private static func checkNothingIsKept(of blob: WholeBlob, in test: TestStore) async throws {
        try await test.using { try await checkNothingIsKept(of: blob, in: test, $0) }
    }

    private static func checkNothingIsKept(
        of blob: WholeBlob, in test: TestStore, _ store: DiskStore
    ) async throws {
        #expect(await store.keptBytes(of: blob.key) == nil)
        #expect(try test.directory.files(in: "store/uploads").isEmpty)
        #expect(store.space.used(for: .uploads) == 0)
        await expect(code: .mismatch) { _ = try await store.openUpload(blob.key, at: blob.half) }
        let other = UploadKey(
            instance: .unnamed, identifier: "other", digest: blob.digest, compressor: .identity)
        let upload = try await store.openUpload(other, at: 0)
        try await upload.append(blob.content[0..<10])
        await upload.discard()
    }
}

/// Expects a store error of this code.
func expect(
    code: StoreError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("Expected an error of the code \(code), found none.", sourceLocation: sourceLocation)
    } catch let error as StoreError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

extension TestStore {
    /// Changes a bit of the byte at `offset` of a file of the store.
    fileprivate func damage(_ name: String, at offset: Int) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: directory.path("store/\(name)")))
        try handle.seek(toOffset: UInt64(offset))
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: [byte ^ 1])
        try handle.close()
    }
}
