// SPDX-License-Identifier: Apache-2.0

import CoreGRPC
import Synchronization
import Testing

@Suite struct LifecycleTests {
    @Test func `a port that is taken is named with the reason`() async throws {
        try await EchoServer.run { (echo) async throws in
            let error = #expect(throws: Server.ListenError.self) {
                _ = try EchoServer { $0.listeners[0].address = echo.server.addresses[0] }
            }
            #expect(
                error?.description == "Cannot listen on \(echo.server.addresses[0]): address already in use.")
        }
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.1:70000", "127.0.0.1:x", "no.such.host.invalid:0", "192.0.2.1:0"])
    func `an address that cannot be listened on is refused`(address: String) throws {
        let error = #expect(throws: Server.ListenError.self) {
            _ = try EchoServer { $0.listeners[0].address = address }
        }
        #expect(error?.address == address)
        #expect(error?.reason != "the gRPC core refuses it")
    }

    @Test func `a server listens on several addresses`() async throws {
        try await EchoServer.run { configuration in
            configuration.listeners.append(.init(address: "[::1]:0", credentials: .plaintext))
        } _: { (echo) async throws in
            #expect(echo.server.addresses.count == 2)
            for address in echo.server.addresses {
                let channel = Channel(to: address, EchoServer.channelConfiguration)
                #expect(try await channel.call(Echo.say, address) == address)
            }
        }
    }

    @Test func `a graceful shutdown lets calls finish`() async throws {
        let echo = try EchoServer()
        let requests = echo.channel.call(Echo.join)
        #expect(try await requests.send("a"))
        try await eventually { echo.server.runningCalls == 1 }
        let stopped = Task { await echo.stop(grace: .seconds(60)) }
        #expect(try await requests.send("b"))
        #expect(try await requests.finish() == "a b")
        await stopped.value
    }

    @Test func `a shutdown without grace cancels what runs`() async throws {
        let echo = try EchoServer()
        let call = Task { try await echo.channel.call(Echo.hang, "") }
        try await eventually { echo.server.runningCalls == 1 }
        await echo.stop(grace: .milliseconds(10))
        let result = await call.result
        #expect(throws: RPCStatus.self) { try result.get() }
        #expect(echo.seen.cancelledHangs.load(ordering: .relaxed) == 1)
    }

    @Test func `a second shutdown does nothing`() async throws {
        let echo = try EchoServer()
        await echo.stop()
        await echo.stop()
    }
}
