// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

struct IndexTests {
    /// An index in a directory of its own, which can be opened again.
    private struct Files {
        let directory: TemporaryDirectory
        let files: StoreFiles
        let space = SpaceLedger(limit: nil)

        init() throws {
            directory = try TemporaryDirectory()
            files = StoreFiles(root: directory.path, on: OperatingSystem())
            try files.makeDirectory(files.index)
        }

        func open(isClean: Bool) throws -> Index {
            let dirty = DirtyFiles(on: files.system) {}
            return try Index(
                IndexFiles(files: files, space: space, dirty: dirty), .newest(withCounts: isClean),
                checkpoint: nil)
        }
    }

    private static func entry(_ random: inout SeededRandom, key: IndexKey? = nil, sequence: UInt64)
        -> IndexEntry
    {
        let key =
            key
            ?? IndexKey(
                first: random.next(), second: random.next(), third: random.next(), fourth: random.next())
        return IndexEntry(
            key: key, kind: Bool.random(using: &random) ? .blob : .object,
            function: DigestFunction.allCases.randomElement(using: &random)!, encoding: .plain,
            size: Int.random(in: 0..<1 << 48, using: &random),
            payloadSize: Int.random(in: 0..<1 << 32, using: &random), sequence: sequence,
            place: Place(
                segment: .random(in: 1...(.max), using: &random),
                offset: Int.random(in: 0..<1 << 32, using: &random) * 32),
            lastUse: UInt32.random(in: 0...(.max), using: &random))
    }

    private static func check(_ index: Index, against model: [IndexKey: IndexEntry]) {
        #expect(index.count == model.count)
        var seen = 0
        index.forEach { entry in
            if model[entry.key] != entry { Issue.record("an entry that was not put in: \(entry)") }
            seen += 1
        }
        #expect(seen == model.count)
        for (key, entry) in model where index.find(key) != entry {
            Issue.record("expected \(entry), found \(String(describing: index.find(key)))")
        }
    }

    @Test(arguments: [1, 2, UInt64.random(in: .min ... .max)])
    func `it holds what a dictionary holds, through growth, removal and reopening`(_ seed: UInt64) throws {
        print("index: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let files = try Files()
        var index = try files.open(isClean: true)
        var model: [IndexKey: IndexEntry] = [:]
        var keys: [IndexKey] = []
        for round in 0..<12 {
            let removes = round % 3 == 2
            for step in 0..<3_000 {
                let sequence = UInt64(round * 10_000 + step + 1)
                let choice = Int.random(in: 0..<10, using: &random)
                if choice < (removes ? 8 : 2), !keys.isEmpty {
                    let key = keys.remove(at: Int.random(in: keys.indices, using: &random))
                    #expect(!index.remove(key, sequence: 0), "an entry of another record stays")
                    #expect(index.remove(key, sequence: model.removeValue(forKey: key)!.sequence))
                } else if choice == 8, let key = keys.randomElement(using: &random) {
                    let entry = Self.entry(&random, key: key, sequence: sequence)
                    #expect(try !index.insert(entry))
                    #expect(try index.insertOverOlder(entry))
                    #expect(try !index.insertOverOlder(entry))
                    model[key] = entry
                } else {
                    let entry = Self.entry(&random, sequence: sequence)
                    #expect(try index.insert(entry))
                    model[entry.key] = entry
                    keys.append(entry.key)
                }
            }
            Self.check(index, against: model)
            if round % 2 == 0 {
                let isClean = round % 4 == 0
                if isClean { index.noteCounts() }
                index = try files.open(isClean: isClean)
                Self.check(index, against: model)
            }
        }
    }

    @Test func `it maps at most 96 bytes per entry, whether it grows or shrinks`() throws {
        var random = SeededRandom(seed: 3)
        let files = try Files()
        let index = try files.open(isClean: true)
        var keys: [IndexKey] = []
        var worst = 0.0
        func look(_ index: Index) {
            guard index.count > 40_000, index.count % 500 == 0 else { return }
            worst = max(worst, Double(index.mappedBytes) / Double(index.count))
        }
        for sequence in 1...80_000 {
            let entry = Self.entry(&random, sequence: UInt64(sequence))
            try index.insert(entry)
            keys.append(entry.key)
            look(index)
        }
        #expect(
            files.space.used(for: .index) - IndexFiles.fixedBytes == (try Self.sizeOnDisk(files.directory)))
        for (position, key) in keys.enumerated() {
            _ = index.remove(key, sequence: UInt64(position + 1))
            look(index)
        }
        #expect(worst <= 96 && worst > 70)
        #expect(index.count == 0)
    }

    private static func sizeOnDisk(_ directory: TemporaryDirectory) throws -> Int {
        try directory.files(in: "index").reduce(0) { sum, path in
            SpaceLedger.blocks(try OperatingSystem().size(of: path)) + sum
        }
    }

    @Test func `touching notes the time, and a size that is not the blob's is absent`() throws {
        var random = SeededRandom(seed: 4)
        let files = try Files()
        let index = try files.open(isClean: true)
        let entry = Self.entry(&random, sequence: 1)
        try index.insert(entry)
        #expect(index.touch(entry.key, size: entry.size, at: 77))
        #expect(index.find(entry.key)?.lastUse == 77)
        #expect(!index.touch(entry.key, size: entry.size + 1, at: 78))
        #expect(index.find(entry.key, usedAt: 79)?.lastUse == 77)
        #expect(index.find(entry.key)?.lastUse == 79)
    }

    @Test func `files of a growth that was cut short, and of the generation before, go at the next opening`()
        throws
    {
        var random = SeededRandom(seed: 5)
        let files = try Files()
        var entries: [IndexEntry] = []
        do {
            let index = try files.open(isClean: true)
            for sequence in 1...20_000 {
                entries.append(Self.entry(&random, sequence: UInt64(sequence)))
                try index.insert(entries[sequence - 1])
            }
        }
        let complete = try files.directory.files(in: "index")
        try FileManager.default.copyItem(atPath: complete[0], toPath: files.files.index + "/00-00000000")
        try Data(count: 9_000).write(to: URL(fileURLWithPath: files.files.index + "/03-7fffffff"))
        let index = try files.open(isClean: false)
        #expect(try files.directory.files(in: "index") == complete)
        #expect(entries.allSatisfy { index.find($0.key) == $0 })
    }

    @Test func `a slot that is not whole is no entry`() throws {
        var random = SeededRandom(seed: 6)
        let slot = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
        defer { slot.deallocate() }
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
        #expect(IndexSlot.load(slot) == nil)
        let entry = Self.entry(&random, sequence: 9)
        IndexSlot.store(entry, to: slot)
        #expect(IndexSlot.load(slot) == entry)
        for position in 0..<60 {
            let byte = slot.load(fromByteOffset: position, as: UInt8.self)
            slot.storeBytes(of: byte ^ 0x10, toByteOffset: position, as: UInt8.self)
            #expect(IndexSlot.load(slot) == nil, "byte \(position)")
            slot.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        }
    }
}
