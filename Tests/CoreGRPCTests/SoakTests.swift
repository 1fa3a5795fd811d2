// SPDX-License-Identifier: Apache-2.0

import Bytes
import CoreGRPC
import Foundation
import Glibc
import Synchronization
import Testing

/// Many calls of every kind, most of them ended in some rude way. `CASEMATE_SOAK_CALLS` says how many.
@Suite(.serialized) struct SoakTests {
    private static let calls =
        ProcessInfo.processInfo.environment["CASEMATE_SOAK_CALLS"].flatMap { Int($0) } ?? 10_000
    private static let tasks = 32

    @Test func `calls that are cancelled, half-closed or cut off leave nothing behind`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        try await EchoServer.run { (echo) async throws in
            let proxy = CuttingProxy(to: echo.server.addresses[0])
            defer { proxy.stop() }
            let channels = [echo.channel, Channel(to: proxy.address, EchoServer.channelConfiguration)]
            // The first quarter fills the pools of the allocator and the core; after that nothing may grow.
            let wellEnded = Atomic<Int>(0)
            try await Self.soak(Self.calls / 4, seed, channels, proxy, wellEnded)
            try await eventually { echo.server.runningCalls == 0 }
            let before = try Self.residentMemory()
            try await Self.soak(Self.calls - Self.calls / 4, seed &+ 1, channels, proxy, wellEnded)
            try await eventually { echo.server.runningCalls == 0 }
            let growth = try Self.residentMemory() - before
            print(
                "\(Self.calls) calls, \(wellEnded.load(ordering: .relaxed)) ended well, grew \(growth >> 10) KiB"
            )
            // A leaked call holds 4 KiB and more; of those that end rudely there are more than a third. What 64 MiB
            // leave room for is the pools of the allocator, of the core and of a sanitizer.
            #expect(growth < max(64 << 20, Self.calls * 256))
            #expect(wellEnded.load(ordering: .relaxed) > Self.calls / 4)
            #expect(echo.seen.unexpected.withLock { $0 } == [])
        }
    }

    private static func soak(
        _ count: Int, _ seed: UInt64, _ channels: [Channel], _ proxy: CuttingProxy,
        _ wellEnded: borrowing Atomic<Int>
    ) async throws {
        let ended = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<tasks {
                group.addTask {
                    var random = SeededGenerator(seed: seed &+ UInt64(number))
                    var ended = 0
                    for _ in 0..<count / tasks {
                        if Int.random(in: 0..<2000, using: &random) == 0 { proxy.cut() }
                        let channel = channels[Int.random(in: 0..<channels.count, using: &random)]
                        if try await callOnce(channel, &random) { ended += 1 }
                    }
                    return ended
                }
            }
            return try await group.reduce(0, +)
        }
        wellEnded.add(ended, ordering: .relaxed)
    }

    /// Makes one call of a random kind; true if it ended with OK.
    private static func callOnce(_ channel: Channel, _ random: inout SeededGenerator) async throws -> Bool {
        do {
            switch Int.random(in: 0..<9, using: &random) {
            case 0, 1: return try await channel.call(Echo.say, "x") == "x"
            case 2:
                let timeout = Duration.microseconds(Int.random(in: 1..<3000, using: &random))
                _ = try await channel.call(Echo.hang, "", CallOptions(timeout: timeout))
            case 3:
                let call = Task { try await channel.call(Echo.hang, "") }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<2000, using: &random)))
                call.cancel()
                _ = try await call.value
            case 4:
                let requests = channel.call(Echo.join)
                for _ in 0..<Int.random(in: 0..<4, using: &random) { _ = try await requests.send("x") }
                return try await requests.finish().count < 8
            case 5:
                let requests = channel.call(Echo.join)
                for _ in 0..<Int.random(in: 0..<4, using: &random) { _ = try await requests.send("x") }
            case 6:
                let responses = try channel.call(Echo.count, "\(Int.random(in: 0..<50, using: &random))")
                for _ in 0..<Int.random(in: 0..<60, using: &random) {
                    if try await responses.next() == nil { return true }
                }
            case 7:
                let (requests, responses) = channel.call(Echo.chat)
                for _ in 0..<Int.random(in: 0..<5, using: &random) {
                    guard try await requests.send("x") else { break }
                    _ = try await responses.next()
                }
                if Bool.random(using: &random) { await requests.finish() }
            default:
                let responses = try channel.call(Echo.rawStream, "100")
                _ = try await responses.next()
            }
        } catch let status as RPCStatus {
            let expected: Set<RPCStatus.Code> = [.unavailable, .cancelled, .deadlineExceeded]
            #expect(expected.contains(status.code), "\(status)")
        }
        return false
    }

    /// What the process holds in memory, in bytes, once the allocator has given back what nobody uses.
    private static func residentMemory() throws -> Int {
        typealias Trim = @convention(c) (Int) -> Int32
        let trim = try #require(dlsym(nil, "malloc_trim"), "expected glibc")
        _ = unsafeBitCast(trim, to: Trim.self)(0)
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
