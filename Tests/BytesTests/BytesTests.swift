// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASTesting
import Synchronization
import Testing

@Suite struct BytesTests {
    @Test func `the empty slice has no bytes and no owner`() {
        for empty in [
            Bytes(), Bytes([]), Bytes(utf8: ""), Bytes([1, 2])[1..<1], Bytes(capacity: 10) { _ in 0 },
        ] {
            #expect(empty.isEmpty && empty.count == 0)
            #expect(empty.owner == nil)
            #expect(empty == Bytes())
            #expect(Array(empty) == [])
            #expect(empty[0..<0].isEmpty)
        }
    }

    @Test func `a copy does not follow what it was copied from`() {
        var array: [UInt8] = [1, 2, 3]
        let bytes = Bytes(array)
        array[0] = 9
        #expect(Array(bytes) == [1, 2, 3])
        #expect(bytes[0] == 1 && bytes[2] == 3)
    }

    @Test func `a part shares the memory`() {
        let bytes = Bytes(utf8: "0123456789")
        let part = bytes[2..<7][1..<4]
        #expect(part == Bytes(utf8: "345"))
        let start = bytes.withUnsafeBytes { $0.baseAddress }
        #expect(part.withUnsafeBytes { $0.baseAddress } == start.map { $0 + 3 })
    }

    @Test func `slices are equal if their bytes are`() {
        #expect(Bytes(utf8: "abc") == Bytes(utf8: "xabcx")[1..<4])
        #expect(Bytes(utf8: "abc") != Bytes(utf8: "abd"))
        #expect(Bytes(utf8: "abc") != Bytes(utf8: "ab"))
        #expect(Bytes(utf8: "abc") != Bytes())
    }

    @Test func `memory may be filled less than it has room`() {
        let bytes = Bytes(capacity: 100) { room in
            #expect(room.count == 100)
            room.copyBytes(from: [7, 8])
            return 2
        }
        #expect(Array(bytes) == [7, 8])
    }

    @Test func `nothing is kept when filling fails`() {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try Bytes(capacity: 100) { _ throws(Failure) in throw Failure() } }
    }

    @Test func `a description tells the length and not the content`() {
        #expect("\(Bytes(utf8: "secret"))" == "6 bytes")
    }

    @Test func `the owner lives as long as the last part`() {
        let isAlive = Flag()
        var bytes: Bytes? = Owner.bytes(count: 100, isAlive)
        var part = bytes?[10..<20]
        #expect(isAlive.value)
        bytes = nil
        #expect(isAlive.value)
        #expect(part?[0] == 10)
        part = part?[9..<10]
        #expect(part?[0] == 19)
        part = nil
        #expect(!isAlive.value)
    }

    @Test func `an empty part keeps no owner alive`() {
        let isAlive = Flag()
        var bytes: Bytes? = Owner.bytes(count: 100, isAlive)
        let empty = bytes?[50..<50]
        bytes = nil
        #expect(!isAlive.value)
        #expect(empty?.isEmpty == true)
    }

    @Test(arguments: SeededRandom.seeds()) func `random parts of parts are those of an array`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            var bytes = random.bytes(Int.random(in: 0...100, using: &random))
            var array = Array(bytes)
            while !array.isEmpty {
                let start = Int.random(in: 0...array.count, using: &random)
                let end = Int.random(in: start...array.count, using: &random)
                guard start > 0 || end < array.count else { continue }
                bytes = bytes[start..<end]
                array = Array(array[start..<end])
                #expect(Array(bytes) == array)
            }
        }
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)

    var value: Bool { state.withLock { $0 } }

    func set(_ value: Bool) { state.withLock { $0 = value } }
}

/// Memory that tells when it is freed.
private final class Owner: Sendable {
    private let isAlive: Flag
    // Written to before any slice of it exists.
    private nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    static func bytes(count: Int, _ isAlive: Flag) -> Bytes {
        let owner = Owner(count: count, isAlive)
        return Bytes(unsafeMemory: UnsafeRawBufferPointer(owner.memory), owner: owner)
    }

    private init(count: Int, _ isAlive: Flag) {
        self.isAlive = isAlive
        memory = .allocate(byteCount: count, alignment: 1)
        for position in 0..<count { memory[position] = UInt8(position) }
        isAlive.set(true)
    }

    deinit {
        memory.deallocate()
        isAlive.set(false)
    }
}
