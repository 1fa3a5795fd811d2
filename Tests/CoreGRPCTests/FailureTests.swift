// SPDX-License-Identifier: Apache-2.0

import Bytes
import CoreGRPC
import Synchronization
import Testing

@Suite struct FailureTests {
    @Test func `an error that is mapped ends the call with its status`() async throws {
        try await EchoServer.run { (echo) async throws in
            await #expect(throws: RPCStatus(.failedPrecondition, "as expected")) {
                try await echo.channel.call(Echo.fail, "expected")
            }
            #expect(echo.seen.unexpected.withLock { $0.isEmpty })
        }
    }

    @Test func `a status keeps its sentence and its details`() async throws {
        try await EchoServer.run { (echo) async throws in
            await #expect(throws: RPCStatus(.aborted, "with ünïcode", details: Bytes([0, 1, 255]))) {
                try await echo.channel.call(Echo.fail, "details")
            }
        }
    }

    @Test func `an error nobody expects is numbered and reported, and tells the client nothing`() async throws
    {
        try await EchoServer.run { (echo) async throws in
            for number in 1...2 {
                await #expect(
                    throws: RPCStatus(.internal, "Internal error \(number); the server's log says more.")
                ) {
                    try await echo.channel.call(Echo.fail, "secret")
                }
            }
            let reported = echo.seen.unexpected.withLock { $0 }
            #expect(reported.count == 2)
            #expect(reported.allSatisfy { $0.contains("/test.Echo/Fail") && $0.contains("/var/lib/secret") })
        }
    }

    @Test func `an rpc that is not offered is unimplemented`() async throws {
        try await EchoServer.run { (echo) async throws in
            await #expect(throws: RPCStatus(.unimplemented, "This server does not offer /test.Echo/Missing."))
            {
                try await echo.channel.call(Echo.missing, "")
            }
        }
    }

    @Test func `admission is decided before the request is looked at`() async throws {
        try await EchoServer.run { (echo) async throws in
            let garbage = Method<CallKind.Unary, ByteChain, ByteChain>(
                service: "test.Echo", name: "Forbidden", request: .raw, response: .raw)
            await #expect(throws: RPCStatus(.permissionDenied, "nobody may")) {
                try await echo.channel.call(garbage, ByteChain(Bytes([0xFF])))
            }
        }
    }

    @Test func `a request that cannot be read is the client's mistake`() async throws {
        try await EchoServer.run { (echo) async throws in
            let garbage = Method<CallKind.Unary, ByteChain, ByteChain>(
                service: "test.Echo", name: "Say", request: .raw, response: .raw)
            let status = await #expect(throws: RPCStatus.self) {
                try await echo.channel.call(garbage, ByteChain(Bytes([0xFF])))
            }
            #expect(status?.code == .invalidArgument)
        }
    }

    @Test func `a message over the limit is refused and the connection goes on`() async throws {
        try await EchoServer.run { configuration in
            configuration.maximumMessageSize = 1000
        } _: { (echo) async throws in
            let status = await #expect(throws: RPCStatus.self) {
                try await echo.channel.call(Echo.raw, ByteChain(Bytes([UInt8](repeating: 1, count: 1001))))
            }
            #expect(status?.code == .resourceExhausted)
            #expect(try await echo.channel.call(Echo.say, "still here") == "still here")
        }
    }

    @Test func `a deadline ends the call on both sides`() async throws {
        try await EchoServer.run { (echo) async throws in
            // On a machine that is busy, a short deadline may pass before the call has reached the server.
            for milliseconds in [50, 500, 5000, 50_000]
            where echo.seen.cancelledHangs.load(ordering: .relaxed) == 0 {
                let status = await #expect(throws: RPCStatus.self) {
                    try await echo.channel.call(
                        Echo.hang, "", CallOptions(timeout: .milliseconds(milliseconds)))
                }
                #expect(status?.code == .deadlineExceeded)
                try await eventually { echo.server.runningCalls == 0 }
            }
            #expect(echo.seen.cancelledHangs.load(ordering: .relaxed) > 0)
        }
    }

    @Test func `cancelling the task cancels the call and its handler`() async throws {
        try await EchoServer.run { (echo) async throws in
            let call = Task { try await echo.channel.call(Echo.hang, "") }
            try await eventually { echo.server.runningCalls == 1 }
            call.cancel()
            let result = await call.result
            #expect(throws: RPCStatus.self) { try result.get() }
            try await eventually { echo.seen.cancelledHangs.load(ordering: .relaxed) == 1 }
            try await eventually { echo.server.runningCalls == 0 }
        }
    }

    @Test func `a stream that is dropped is told apart from one that is closed`() async throws {
        try await EchoServer.run { (echo) async throws in
            for _ in 0..<20 {
                let requests = echo.channel.call(Echo.join)
                #expect(try await requests.send("lost"))
            }
            try await eventually { echo.seen.vanishedStreams.load(ordering: .relaxed) == 20 }
            let requests = echo.channel.call(Echo.join)
            #expect(try await requests.send("kept"))
            #expect(try await requests.finish() == "kept")
            #expect(echo.seen.closedStreams.load(ordering: .relaxed) == 1)
        }
    }

    @Test func `a reader that stops reading stops the writer`() async throws {
        try await EchoServer.run { (echo) async throws in
            do {
                let responses = try echo.channel.call(Echo.rawStream, "1000000")
                _ = try await responses.next()
            }
            try await eventually { echo.server.runningCalls == 0 }
        }
    }

    @Test func `a server that is not there is unavailable`() async throws {
        let channel = Channel(to: "127.0.0.1:1", EchoServer.channelConfiguration)
        let status = await #expect(throws: RPCStatus.self) { try await channel.call(Echo.say, "") }
        #expect(status?.code == .unavailable)
    }
}
