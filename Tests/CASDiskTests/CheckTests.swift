// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// What `casemate store check` rests on.
struct CheckTests {
    /// What may go wrong with what is on the disk.
    enum Damage: CaseIterable {
        case payloadByte, headerByte, segmentHeader, missingSegment, shortSegment
        case objectByte, missingObject, shortObject
        case indexEntryToNowhere, indexEntryToAnother, indexSlot
        case unnamedObject, strangeFile
        case missingFileOfTree, missingDirectory
    }

    /// Does the damage; returns the kinds of findings there must be, in order, where the first must point, and the
    /// blobs that are lost by it.
    private static func damage(
        _ store: CheckedStore, _ damage: Damage
    ) async throws -> (kinds: [StoreFinding.Kind], place: String, lost: [WholeBlob]) {
        switch damage {
        case .payloadByte, .headerByte:
            let blob = store.small[2]
            let entry = try await store.entry(of: blob)
            try CheckedStore.flip(
                store.segment(entry.place.segment),
                at: entry.place.offset + (damage == .headerByte ? 40 : 96 + 4_999))
            return ([.blob], "segments/00000001.seg at \(entry.place.offset)", [blob])
        case .segmentHeader:
            try CheckedStore.flip(store.segment(1), at: 12)
            return ([.segmentHeader], "segments/00000001.seg", [])
        case .missingSegment:
            try FileManager.default.removeItem(atPath: store.segment(1))
            return ([.missingSegment, .reference], "segments/00000001.seg", store.small)
        case .shortSegment:
            let entry = try await store.entry(of: store.small[3])
            try File(store.segment(1), .readAndWrite, on: OperatingSystem()).truncate(
                to: entry.place.offset + 50)
            return ([.blob], "segments/00000001.seg at \(entry.place.offset)", [store.small[3]])
        case .objectByte:
            try CheckedStore.flip(try await store.object(of: store.large[1]), at: 2 << 20 + 8)
            return ([.largeBlob], "segments/00000003.seg at ", [store.large[1]])
        case .missingObject:
            try FileManager.default.removeItem(atPath: try await store.object(of: store.large[0]))
            return ([.largeBlob], "segments/00000002.seg at ", [store.large[0]])
        case .shortObject:
            try File(try await store.object(of: store.large[0]), .readAndWrite, on: OperatingSystem())
                .truncate(to: 5)
            return ([.largeBlob], "segments/00000002.seg at ", [store.large[0]])
        case .indexEntryToNowhere:
            try await move(store.small[0], in: store) { Place(segment: $0.segment, offset: 1 << 30) }
            return ([.blob], "segments/00000001.seg at \(1 << 30)", [store.small[0]])
        case .indexEntryToAnother:
            let other = try await store.entry(of: store.small[2]).place
            try await move(store.small[0], in: store) { _ in other }
            return ([.blob], "segments/00000001.seg at \(other.offset)", [store.small[0]])
        case .indexSlot:
            let entry = try await store.entry(of: store.small[0])
            let shard = Int(entry.key.firstByte) % Index.shardCount
            let prefix = "/index/" + hexadecimal(UInt64(shard), digits: 2) + "-"
            let path = try #require(
                try store.test.directory.files(in: "store/index").first { $0.contains(prefix) })
            let content = try Data(contentsOf: URL(filePath: path))
            let key = Data(store.small[0].digest.withUnsafeHash { Array($0) })
            try CheckedStore.flip(path, at: try #require(content.range(of: key)).lowerBound + 49)
            return ([.indexSlot], "index/", [store.small[0]])
        case .unnamedObject:
            var random = SeededRandom(seed: 5)
            let name = ObjectName(key: IndexKey(of: random.digest(size: 7)), storedSize: 7, sequence: 3)
            try write(7, to: "\(name.directory)/\(name.text)", in: store)
            return ([.unnamedFile], "objects/\(name.directory)/\(name.text)", [])
        case .strangeFile:
            try write(3, to: "ab/notes.txt", in: store)
            return ([.unnamedFile], "objects/ab/notes.txt", [])
        case .missingFileOfTree:
            try await drop(store.file, from: store)
            return ([.reference], "\(store.key)", [store.file])
        case .missingDirectory:
            try await drop(store.root, from: store)
            return ([.reference], "\(store.key)", [store.root])
        }
    }

    private static func move(
        _ blob: WholeBlob, in store: CheckedStore, to place: (Place) -> Place
    ) async throws {
        try await store.test.using { open in
            let index = open.catalog.index
            let entry = try #require(index.entry(of: IndexKey(of: blob.digest)))
            #expect(index.remove(entry.key, sequence: entry.sequence))
            try index.insert(
                IndexEntry(
                    key: entry.key, kind: entry.kind, function: entry.function, encoding: entry.encoding,
                    size: entry.size, payloadSize: entry.payloadSize, sequence: entry.sequence,
                    place: place(entry.place), lastUse: entry.lastUse))
        }
    }

    private static func drop(_ blob: WholeBlob, from store: CheckedStore) async throws {
        try await store.test.using { open in
            let entry = try #require(open.catalog.index.entry(of: IndexKey(of: blob.digest)))
            #expect(open.catalog.index.remove(entry.key, sequence: entry.sequence))
        }
    }

    private static func write(_ size: Int, to name: String, in store: CheckedStore) throws {
        let url = URL(filePath: store.test.directory.path("store/objects/\(name)"))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(count: size).write(to: url)
    }

    @Test func `a store that nothing happened to is sound, and checking changes nothing`() async throws {
        let store = try await CheckedStore(seed: 1)
        let uses = try await store.test.using { open in
            var uses: [UInt32] = []
            open.catalog.index.forEach { uses.append($0.lastUse) }
            return uses
        }
        var later = store.test
        later.environment.wallClock = WallClock { .max }
        let (summary, findings) = try await later.using { open in
            let result = try await CheckedStore.check(open, repairing: false)
            var now: [UInt32] = []
            open.catalog.index.forEach { now.append($0.lastUse) }
            #expect(now == uses)
            return result
        }
        #expect(findings.isEmpty && summary.isSound)
        #expect(summary.blobs == 9 && summary.records == 9 && summary.deadRecords == 0)
        #expect(summary.largeBlobs == 2 && summary.references == 1 && summary.strayBytes == 0)
        #expect(summary.bytesRead > 3 << 20 + 75_000)
        #expect(store.test.log.lines.isEmpty)
    }

    @Test(arguments: Damage.allCases)
    func `damage is found and named, repaired when asked, and the store is sound again`(
        _ damage: Damage
    ) async throws {
        let store = try await CheckedStore(seed: 2)
        let expected = try await Self.damage(store, damage)
        for _ in 0..<2 {
            let (summary, findings) = try await store.check()
            #expect(findings.map(\.kind) == expected.kinds, "Looking twice finds the same: \(findings)")
            #expect(findings.first?.place.hasPrefix(expected.place) == true, "\(findings)")
            #expect(!summary.isSound && findings.allSatisfy { !$0.isRepaired })
        }
        let (repaired, findings) = try await store.check(repairing: true)
        #expect(repaired.isSound && findings.map(\.kind) == expected.kinds)
        #expect(findings.allSatisfy { $0.isRepaired })
        #expect(try await store.check().1.isEmpty)
        try await heal(store, lost: expected.lost)
    }

    /// The store takes back what was lost, and has the rest.
    private func heal(_ store: CheckedStore, lost: [WholeBlob]) async throws {
        try await store.test.using { open in
            for blob in lost {
                #expect(try await !open.has(blob.digest))
                try await open.store(blob.content.joined(), as: blob.digest)
            }
            for blob in lost { #expect(try await open.content(of: blob.digest) == blob.content.joined()) }
        }
        let (summary, findings) = try await store.check()
        #expect(findings.isEmpty && summary.isSound)
    }

    @Test func `content that is whole but not that of its digest is found`() async throws {
        // As software that is wrong would leave it: every checksum is right.
        let store = try await CheckedStore(seed: 3)
        var random = SeededRandom(seed: 4)
        let (claimed, actual) = (random.digest(size: 700), random.bytes(700))
        let (claimedLarge, actualLarge) = (random.digest(size: 1 << 20), random.bytes(1 << 20))
        try await store.test.using { open in
            let blob = BlobAppender.SmallBlob(
                claimed, key: IndexKey(of: claimed), content: ByteChain(actual))
            for result in try open.appender.append([blob]) { try result.get() }
            let object = try IncomingObject(size: 1 << 20, objects: open.catalog.objects, space: open.space)
            object.take(actualLarge)
            try object.finish(as: claimedLarge, to: open.appender)
        }
        let (_, findings) = try await store.check(repairing: true)
        #expect(Set(findings.map(\.kind)) == [.blob, .largeBlob])
        let hash = try Digest.of(actual).hexadecimal
        #expect(findings.contains { $0.found.contains(hash) })
        #expect(findings.contains { $0.expected.hasPrefix(claimedLarge.hexadecimal) })
        let (summary, _) = try await store.check()
        #expect(summary.isSound && summary.deadFiles == 0 && summary.deadRecords == 2)
    }

    @Test func `what is only dead is counted, not blamed`() async throws {
        let store = try await CheckedStore(seed: 6)
        let object = try await store.object(of: store.large[0])
        try await Self.drop(store.large[0], from: store)
        try await Self.drop(store.small[3], from: store)
        try CheckedStore.flip(object, at: 0)
        let (summary, findings) = try await store.check()
        #expect(findings.isEmpty && summary.isSound)
        #expect(summary.deadRecords == 2 && summary.deadFiles == 1)
    }

    @Test func `sectors that cannot be read cost the blobs in them, not the check`() async throws {
        let store = try await CheckedStore(seed: 7)
        let entry = try await store.entry(of: store.small[2])
        var failing = store.test
        let system = UnreadableSectors()
        failing.environment.system = system
        try await failing.using { open in
            system.lose(entry.place.offset..<(entry.place.offset + 512), of: "00000001.seg")
            let (summary, findings) = try await CheckedStore.check(open, repairing: true)
            #expect(findings.map(\.kind) == [.blob] && summary.isSound)
            #expect(findings.first?.place == "segments/00000001.seg at \(entry.place.offset)")
            system.recover()
        }
        try await heal(store, lost: [store.small[2]])
    }
}
