// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

struct DamageTests {
    private static func flip(_ path: String, at offset: Int) throws {
        let file = try File(path, .readAndWrite, on: OperatingSystem())
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, at: offset) }
        byte ^= 0x40
        try withUnsafeBytes(of: byte) { try file.write($0, at: offset) }
    }

    private static func code(_ body: () async throws -> Void) async -> StoreError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    @Test func `a wrong byte anywhere in a record makes the blob missing, and storing it again heals`()
        async throws
    {
        let test = try TestStore()
        var random = SeededRandom(seed: 1)
        let blob = random.blob(size: 200)
        try await test.using { store in
            for position in 0..<(96 + 200) {
                try await store.store(blob.content.joined(), as: blob.digest)
                let entry = try #require(store.catalog.index.find(IndexKey(of: blob.digest)))
                let path = store.catalog.segments.path(entry.place.segment)
                try Self.flip(path, at: entry.place.offset + position)
                let way = position % 2
                let code = await Self.code {
                    _ =
                        way == 0
                        ? try await store.content(of: blob.digest) : try await store.streamed(blob.digest)
                }
                #expect(code == .notFound, "byte \(position)")
                #expect(try await !store.has(blob.digest))
            }
            #expect(store.figures.damagedEntries == 296)
            try await store.store(blob.content.joined(), as: blob.digest)
            #expect(try await store.content(of: blob.digest) == blob.content.joined())
        }
        #expect(test.log.lines.filter { $0.contains("is damaged and was dropped") }.count == 296)
    }

    @Test func `a wrong byte in a large blob is never handed out`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 2)
        let size = 3 << 20 + 100
        let blob = random.blob(size: size)
        let content = blob.content.joined()
        try await test.using { store in
            for position in [0, 1 << 20 - 1, 1 << 20, 3 << 20, size - 1] {
                try await store.store(content, as: blob.digest)
                let entry = try #require(store.catalog.index.find(IndexKey(of: blob.digest)))
                let name = ObjectName(key: entry.key, storedSize: size, sequence: entry.sequence)
                let path = test.directory.path("store/objects/\(name.directory)/\(name.text)")
                try Self.flip(path, at: position)

                var received = ByteChain()
                let code = await Self.code {
                    let reader = try await store.reader(of: blob.digest, from: 0)
                    while let piece = try await reader.next() { received.append(piece) }
                }
                let whole = position / (1 << 20) * (1 << 20)
                #expect(code == (whole == 0 ? .notFound : .corruption))
                #expect(received.joined() == content[0..<whole])
                #expect(try await !store.has(blob.digest))
            }
            try await store.store(content, as: blob.digest)
            #expect(try await store.content(of: blob.digest) == content)
            #expect(
                try await store.streamed(blob.digest, from: 2 << 20 + 77) == content[(2 << 20 + 77)..<size])
        }
    }

    @Test func `a large blob whose file is gone or short is missing`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 3)
        let blob = random.blob(size: 1 << 20)
        try await test.using { store in
            for change in 0..<2 {
                try await store.store(blob.content.joined(), as: blob.digest)
                let entry = try #require(store.catalog.index.find(IndexKey(of: blob.digest)))
                let name = ObjectName(key: entry.key, storedSize: 1 << 20, sequence: entry.sequence)
                let path = test.directory.path("store/objects/\(name.directory)/\(name.text)")
                if change == 0 {
                    try FileManager.default.removeItem(atPath: path)
                } else {
                    try File(path, .readAndWrite, on: OperatingSystem()).truncate(to: 4)
                }
                #expect(await Self.code { _ = try await store.streamed(blob.digest) } == .notFound)
                #expect(try await !store.has(blob.digest))
            }
        }
    }

    @Test func `a reader goes on when the files it reads are removed`() async throws {
        let test = try TestStore()
        var random = SeededRandom(seed: 4)
        let blob = random.blob(size: 3 << 20)
        try await test.using { store in
            try await store.store(blob.content.joined(), as: blob.digest)
            let reader = try await store.reader(of: blob.digest, from: 0)
            var received = ByteChain()
            received.append(try #require(try await reader.next()))
            let entry = try #require(store.catalog.index.find(IndexKey(of: blob.digest)))
            try store.catalog.objects.remove(
                ObjectName(key: entry.key, storedSize: 3 << 20, sequence: entry.sequence))
            try store.catalog.segments.remove(entry.place.segment)
            while let piece = try await reader.next() { received.append(piece) }
            #expect(received == blob.content)
        }
    }
}
