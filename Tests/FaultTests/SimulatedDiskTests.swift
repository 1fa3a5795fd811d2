// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Glibc
import Testing

@testable import CASDisk

/// That the simulated disk loses what a disk may lose, and nothing else.
struct SimulatedDiskTests {
    private static let seeds = UInt64(1)...60

    private static func write(_ byte: UInt8, _ count: Int, to file: File, at offset: Int = 0) throws {
        try [UInt8](repeating: byte, count: count).withUnsafeBytes { try file.write($0, at: offset) }
    }

    private static func content(of path: String, on disk: SimulatedDisk) throws -> [UInt8] {
        let file = try File(path, .read, on: disk.process())
        var bytes = [UInt8](repeating: 0, count: try file.size())
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }

    /// What `body` finds on a disk that was made with each seed and each way of bringing names to the medium.
    private static func gather<Found: Hashable>(
        _ body: (SimulatedDisk) throws -> Found
    ) rethrows -> Set<Found> {
        var found: Set<Found> = []
        for names in NameTree.Discipline.allCases {
            for seed in seeds { found.insert(try body(SimulatedDisk(seed: seed, names: names))) }
        }
        return found
    }

    @Test func `what was synced survives a loss of power, what was not is lost or torn`() throws {
        let found = try Self.gather { disk in
            let file = try File("/f", .createNew, on: disk.process())
            try Self.write(1, 8192, to: file)
            try file.sync()
            try disk.process().syncDirectory("/")
            #expect(disk.isSynced(below: ""))
            try Self.write(2, 4096, to: file, at: 4096)
            disk.end(by: .powerLoss)
            let content = try Self.content(of: "/f", on: disk)
            #expect(content.count == 8192 && content[..<4096].allSatisfy { $0 == 1 })
            return Set(content[4096...])
        }
        #expect(found == [[1], [2], [1, 2]])
    }

    @Test func `a length that was not synced may come without the bytes, as zeros`() throws {
        let found = try Self.gather { disk in
            let file = try File("/f", .createNew, on: disk.process())
            try disk.process().syncDirectory("/")
            try Self.write(7, 4096, to: file)
            disk.end(by: .powerLoss)
            return Set(try Self.content(of: "/f", on: disk))
        }
        #expect(found.isSuperset(of: [[], [0], [7]]))
    }

    @Test func `the death of a process takes its descriptors and locks, and no bytes`() throws {
        let disk = SimulatedDisk(seed: 1, names: .strict)
        let process = disk.process()
        let file = try File("/f", .createNew, on: process)
        #expect(try file.lock())
        #expect(try !File("/f", .read, on: process).lock())
        try file.allocate(from: 0, count: 4096)
        let mapping = try file.map(count: 4096)
        mapping.start.storeBytes(of: 5, as: UInt8.self)
        disk.end(by: .death)
        // What the dead still store is stored nowhere.
        mapping.start.storeBytes(of: 6, as: UInt8.self)
        #expect(throws: SystemError.self) { try Self.write(6, 1, to: file) }
        #expect(try Self.content(of: "/f", on: disk)[0] == 5)
        #expect(try File("/f", .read, on: disk.process()).lock())
    }

    @Test func `pages of a mapping reach the medium each for itself, until a sync brings all`() throws {
        let found = try Self.gather { disk in
            let file = try File("/f", .createNew, on: disk.process())
            try file.allocate(from: 0, count: 8192)
            let mapping = try file.map(count: 8192)
            try file.sync()
            try disk.process().syncDirectory("/")
            for page in [0, 4096] { mapping.start.storeBytes(of: 9, toByteOffset: page, as: UInt8.self) }
            disk.end(by: .powerLoss)
            let content = try Self.content(of: "/f", on: disk)
            return [content[0], content[4096]]
        }
        #expect(found == [[0, 0], [0, 9], [9, 0], [9, 9]])
    }

    @Test func `a rename is there or not, and never half`() throws {
        let found = try Self.gather { disk in
            let process = disk.process()
            try process.makeDirectory("/a")
            try process.makeDirectory("/b")
            try process.syncDirectory("/")
            _ = try File("/a/old", .createNew, on: process)
            try process.syncDirectory("/a")
            try process.rename("/a/old", to: "/b/new")
            disk.end(by: .powerLoss)
            return Set(disk.sizes(below: "").keys)
        }
        #expect(found == [["/a/old"], ["/b/new"]])
    }

    @Test func `a sync of a directory brings its names, and with a journal all before them`() throws {
        for seed in Self.seeds {
            for discipline in NameTree.Discipline.allCases {
                let disk = SimulatedDisk(seed: seed, names: discipline)
                let process = disk.process()
                try process.makeDirectory("/a")
                try process.syncDirectory("/")
                _ = try File("/other", .createNew, on: process)
                _ = try File("/a/one", .createNew, on: process)
                try process.syncDirectory("/a")
                disk.end(by: .powerLoss)
                let names = disk.sizes(below: "").keys
                #expect(names.contains("/a/one"))
                if discipline == .journaled { #expect(names.contains("/other")) }
            }
        }
    }

    @Test func `a file that was removed stays readable to who has it open`() throws {
        let disk = SimulatedDisk(seed: 1, names: .strict)
        let file = try File("/f", .createNew, on: disk.process())
        try Self.write(3, 10, to: file)
        try disk.process().remove("/f")
        #expect(disk.usedBlocks == 1)
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, at: 9) }
        #expect(byte == 3)
    }

    @Test func `a full disk refuses what does not fit, and takes it when there is room`() throws {
        let disk = SimulatedDisk(seed: 1, names: .strict, capacity: 2)
        let file = try File("/f", .createNew, on: disk.process())
        try file.allocate(from: 0, count: 4096)
        let error = #expect(throws: SystemError.self) { try file.allocate(from: 4096, count: 8192) }
        #expect(error?.isNoSpace == true && disk.counts.noSpace == 1)
        disk.set(capacity: 3)
        try file.allocate(from: 4096, count: 8192)
        #expect(try disk.process().freeSpace(at: "/") == 0)
    }

    @Test func `a sync that failed may lose what it should have brought, though the next one succeeds`()
        throws
    {
        let found = try Self.gather { disk in
            let file = try File("/f", .createNew, on: disk.process())
            try Self.write(1, 4096, to: file)
            try file.sync()
            try disk.process().syncDirectory("/")
            try Self.write(2, 4096, to: file)
            var weather = Weather.calm
            weather.syncFailures = 1
            disk.set(weather)
            #expect(throws: SystemError.unreadable) { try file.sync() }
            disk.set(.calm)
            try file.sync()
            disk.end(by: .powerLoss)
            return try Self.content(of: "/f", on: disk)[0]
        }
        #expect(found == [1, 2])
    }

    @Test func `a process dies at the call that was chosen, and a write in the middle`() throws {
        let found = try Self.gather { disk in
            let file = try File("/f", .createNew, on: disk.process())
            disk.crash(after: 1)
            try Self.write(1, 100, to: file)
            #expect(throws: SystemError.self) { try Self.write(1, 100, to: file, at: 100) }
            #expect(disk.isDead)
            #expect(throws: SystemError.self) { try file.size() }
            disk.end(by: .death)
            return try Self.content(of: "/f", on: disk).count
        }
        #expect(found.count > 10 && found.allSatisfy { (100...200).contains($0) })
    }

    @Test func `another boot has another identity, another process the same`() throws {
        let disk = SimulatedDisk(seed: 1, names: .strict)
        let first = try Self.content(of: SimulatedDisk.bootIdentityPath, on: disk)
        disk.end(by: .death)
        #expect(try Self.content(of: SimulatedDisk.bootIdentityPath, on: disk) == first)
        disk.end(by: .powerLoss)
        #expect(try Self.content(of: SimulatedDisk.bootIdentityPath, on: disk) != first)
    }
}
