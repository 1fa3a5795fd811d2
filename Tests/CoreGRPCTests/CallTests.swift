// SPDX-License-Identifier: Apache-2.0

import Bytes
import CoreGRPC
import Testing

@Suite struct CallTests {
    @Test func `a unary call brings back what the handler returns`() async throws {
        try await EchoServer.run { (echo) async throws in
            #expect(try await echo.channel.call(Echo.say, "hello") == "hello")
            #expect(try await echo.channel.call(Echo.say, "") == "")
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 16_384, 1 << 20, (4 << 20) + 7, 20 << 20])
    func `messages of every size arrive as they were sent`(size: Int) async throws {
        try await EchoServer.run { (echo) async throws in
            let message = ByteChain(Bytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }))
            #expect(try await echo.channel.call(Echo.raw, message) == message)
        }
    }

    @Test func `a message in many slices arrives as one`() async throws {
        try await EchoServer.run { (echo) async throws in
            let slices = (0..<1000).map { Bytes([UInt8](repeating: UInt8($0 % 251), count: $0)) }
            let message = ByteChain(slices)
            #expect(try await echo.channel.call(Echo.raw, message) == message)
        }
    }

    @Test func `responses stream in order and end with the status`() async throws {
        try await EchoServer.run { (echo) async throws in
            let numbers = try echo.channel.call(Echo.count, "1000")
            for number in 0..<1000 { #expect(try await numbers.next() == "\(number)") }
            #expect(try await numbers.next() == nil)
            let broken = try echo.channel.call(Echo.count, "broken")
            await #expect(throws: RPCStatus(.dataLoss, "broken")) { try await broken.next() }
        }
    }

    @Test func `requests stream in order and are answered after the last`() async throws {
        try await EchoServer.run { (echo) async throws in
            let requests = echo.channel.call(Echo.join)
            for word in ["a", "b", "c"] { #expect(try await requests.send(word)) }
            #expect(try await requests.finish() == "a b c")
            #expect(try await echo.channel.call(Echo.join).finish() == "")
        }
    }

    @Test func `a server may answer before the requests end`() async throws {
        try await EchoServer.run { (echo) async throws in
            let requests = echo.channel.call(Echo.refuse)
            var sent = 0
            while try await requests.send("enough"), sent < 1_000_000 { sent += 1 }
            #expect(sent < 1_000_000)
            #expect(try await requests.finish() == "enough")
        }
    }

    @Test func `both sides stream at once`() async throws {
        try await EchoServer.run { (echo) async throws in
            let (requests, responses) = echo.channel.call(Echo.chat)
            for number in 0..<500 {
                #expect(try await requests.send("\(number)"))
                #expect(try await responses.next() == "\(number)")
            }
            await requests.finish()
            #expect(try await responses.next() == nil)
        }
    }

    @Test func `headers, deadline, path and peer reach the handler`() async throws {
        try await EchoServer.run { (echo) async throws in
            var options = CallOptions(timeout: .seconds(60))
            options.metadata.append("x-name", "value")
            #expect(try await echo.channel.call(Echo.describe, "x-name", options) == "value")
            #expect(try await echo.channel.call(Echo.describe, "deadline", options) == "true")
            #expect(try await echo.channel.call(Echo.describe, "deadline") == "none")
            #expect(try await echo.channel.call(Echo.describe, "path") == "/test.Echo/Describe")
            #expect(try await echo.channel.call(Echo.describe, "peer").hasPrefix("ipv4:127.0.0.1:"))
            #expect(try await echo.channel.call(Echo.describe, "user-agent").hasPrefix("casemate"))
        }
    }

    @Test func `hundreds of calls run at once on one connection`() async throws {
        try await EchoServer.run { (echo) async throws in
            try await withThrowingTaskGroup { group in
                for number in 0..<800 {
                    group.addTask { try await echo.channel.call(Echo.say, "\(number)") == "\(number)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
