// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASTesting
import Testing

@Suite struct BufferPoolTests {
    private let pool = BufferPool(bufferSize: 4_096, keptAtMost: 2)

    private func buffer(_ count: Int = 100) -> Bytes {
        pool.bytes { room in
            #expect(room.count == 4_096)
            room[0] = 7
            return count
        }
    }

    private func address(_ bytes: Bytes?) -> UnsafeRawPointer? {
        bytes?.withUnsafeBytes { $0.baseAddress }
    }

    @Test func `a buffer comes back only after its last slice is gone`() {
        var first: Bytes? = buffer()
        let start = address(first)
        var part = first?[50..<60]
        first = nil
        #expect(address(buffer()) != start)
        #expect(part?.count == 10)
        part = nil
        // The one that was taken and left meanwhile waits behind it.
        #expect(address(buffer()) == start)
    }

    @Test func `a buffer of which nothing is used comes back at once`() {
        let start = address(buffer())
        let empty = buffer(0)
        #expect(empty.isEmpty)
        #expect(address(buffer()) == start)
    }

    @Test func `a buffer comes back when filling it fails`() {
        struct Failure: Error {}
        let start = address(buffer())
        #expect(throws: Failure.self) {
            try pool.bytes { room throws(Failure) in
                #expect(UnsafeRawPointer(room.baseAddress) == start)
                throw Failure()
            }
        }
        #expect(address(buffer()) == start)
    }

    @Test func `slices outlive the pool`() {
        var pool: BufferPool? = BufferPool(bufferSize: 10, keptAtMost: 1)
        let bytes = pool?.bytes { room in
            room.copyBytes(from: [1, 2, 3])
            return 3
        }
        pool = nil
        #expect(bytes == Bytes([1, 2, 3]))
    }

    @Test func `no more buffers are kept than it says`() {
        var held = (0..<5).map { _ in buffer() }
        let kept = Set(held.suffix(2).map { address($0) })
        while !held.isEmpty { held.removeLast() }
        let again = [buffer(), buffer()]
        #expect(Set(again.map { address($0) }) == kept)
    }

    @Test(arguments: SeededRandom.seeds()) func `buffers in use at once never share memory`(seed: UInt64)
        async
    {
        let pool = BufferPool(bufferSize: 64, keptAtMost: 4)
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    var random = SeededRandom(seed: seed &+ UInt64(task))
                    var held: [(Bytes, UInt8)] = []
                    for _ in 0..<2_000 {
                        let mark = UInt8.random(in: .min ... .max, using: &random)
                        let bytes = pool.bytes { room in
                            for position in room.indices { room[position] = mark }
                            return Int.random(in: 1...64, using: &random)
                        }
                        held.append((bytes, mark))
                        if held.count > Int.random(in: 0...6, using: &random) { held.remove(at: 0) }
                        for (bytes, mark) in held {
                            #expect(Array(bytes).allSatisfy { $0 == mark })
                        }
                    }
                }
            }
        }
    }
}
