// SPDX-License-Identifier: Apache-2.0

import Bytes
import CoreGRPC
import Synchronization

extension MessageCodec where Message == String {
    /// Text as bare UTF-8.
    static let text = MessageCodec(
        decode: { bytes in
            guard let text = String(validating: Array(bytes.joined()), as: UTF8.self) else { throw NotText() }
            return text
        },
        encode: { ByteChain(Bytes(utf8: $0)) })

    struct NotText: Error {}
}

extension MessageCodec where Message == ByteChain {
    /// Bytes as they are.
    static let raw = MessageCodec(decode: { $0 }, encode: { $0 })
}

/// The rpcs that the tests call.
enum Echo {
    static let say = unary("Say")
    static let fail = unary("Fail")
    static let hang = unary("Hang")
    static let describe = unary("Describe")
    static let missing = unary("Missing")
    static let raw = Method<CallKind.Unary, ByteChain, ByteChain>(
        service: "test.Echo", name: "Raw", request: .raw, response: .raw)
    static let rawStream = Method<CallKind.ServerStreaming, String, ByteChain>(
        service: "test.Echo", name: "RawStream", request: .text, response: .raw)
    static let count = Method<CallKind.ServerStreaming, String, String>(
        service: "test.Echo", name: "Count", request: .text, response: .text)
    static let join = Method<CallKind.ClientStreaming, String, String>(
        service: "test.Echo", name: "Join", request: .text, response: .text)
    static let refuse = Method<CallKind.ClientStreaming, String, String>(
        service: "test.Echo", name: "Refuse", request: .text, response: .text)
    static let chat = Method<CallKind.Bidirectional, String, String>(
        service: "test.Echo", name: "Chat", request: .text, response: .text)
    static let forbidden = unary("Forbidden")

    private static func unary(_ name: String) -> Method<CallKind.Unary, String, String> {
        Method(service: "test.Echo", name: name, request: .text, response: .text)
    }
}

/// A server of ``Echo`` on a free port, with a channel to it, and notes of what its handlers saw.
final class EchoServer: Sendable {
    struct Expected: Error {}
    struct Secret: Error { let path = "/var/lib/secret" }

    let server: Server
    let channel: Channel
    let pollers: Pollers
    let seen: Seen

    /// What handlers and the server reported.
    final class Seen: Sendable {
        let cancelledHangs = Atomic<Int>(0)
        let vanishedStreams = Atomic<Int>(0)
        let closedStreams = Atomic<Int>(0)
        let unexpected = Mutex<[String]>([])
    }

    init(_ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        var configuration = ServerConfiguration(
            listeners: [.init(address: "127.0.0.1:0", credentials: .plaintext)])
        change(&configuration)
        let seen = Seen()
        self.seen = seen
        pollers = Pollers(threadCount: 4)
        server = try Server(
            configuration, methods: Self.methods(seen), pollers: pollers,
            mapStatus: { $0 is Expected ? RPCStatus(.failedPrecondition, "as expected") : nil },
            report: { error in seen.unexpected.withLock { $0.append("\(error.path): \(error.error)") } })
        channel = Channel(to: server.addresses[0], Self.channelConfiguration)
    }

    static let channelConfiguration: ChannelConfiguration = {
        var configuration = ChannelConfiguration()
        configuration.sharesConnections = false
        return configuration
    }()

    func stop(grace: Duration = .seconds(5)) async {
        await server.shutdown(grace: grace)
        pollers.shutdown()
    }

    /// Runs `body` with a server that is gone afterwards.
    static func run(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, _ body: (EchoServer) async throws -> Void
    ) async throws {
        let echo = try EchoServer(change)
        do {
            try await body(echo)
        } catch {
            await echo.stop(grace: .zero)
            throw error
        }
        await echo.stop()
    }

    private static func methods(_ seen: Seen) -> MethodTable {
        var methods = MethodTable()
        let everybody: Admission = { _ in }
        methods.add(Echo.say, admitting: everybody) { text, _ in text }
        methods.add(Echo.raw, admitting: everybody) { bytes, _ in bytes }
        methods.add(Echo.fail, admitting: everybody) { text, _ in
            switch text {
            case "expected": throw Expected()
            case "details": throw RPCStatus(.aborted, "with ünïcode", details: Bytes([0, 1, 255]))
            default: throw Secret()
            }
        }
        methods.add(Echo.hang, admitting: everybody) { _, _ in
            // Ends only by cancellation. Not `Task.sleep`: its timer stays behind until the time is up.
            let (never, end) = AsyncStream<Void>.makeStream()
            for await _ in never {}
            end.finish()
            seen.cancelledHangs.add(1, ordering: .relaxed)
            throw CancellationError()
        }
        methods.add(Echo.describe, admitting: everybody) { key, context in
            switch key {
            case "deadline":
                context.timeRemaining.map { "\($0 > .seconds(50) && $0 < .seconds(62))" } ?? "none"
            case "peer": context.peerAddress
            case "path": context.path
            default: context.metadata.text(key) ?? "none"
            }
        }
        methods.add(Echo.forbidden) { _ in
            throw RPCStatus(.permissionDenied, "nobody may")
        } _: { text, _ in
            text
        }
        addStreams(to: &methods, everybody, seen)
        return methods
    }

    private static func addStreams(
        to methods: inout MethodTable, _ everybody: @escaping Admission, _ seen: Seen
    ) {
        methods.add(Echo.count, admitting: everybody) { text, responses, _ in
            for number in 0..<(Int(text) ?? 0) { try await responses.send("\(number)") }
            if text == "broken" { throw RPCStatus(.dataLoss, "broken") }
        }
        methods.add(Echo.rawStream, admitting: everybody) { text, responses, _ in
            let message = ByteChain(Bytes([UInt8](repeating: 7, count: 1 << 20)))
            for _ in 0..<(Int(text) ?? 0) { try await responses.send(message) }
        }
        methods.add(Echo.join, admitting: everybody) { requests, _ in
            var all: [String] = []
            do {
                while let text = try await requests.next() { all.append(text) }
            } catch {
                seen.vanishedStreams.add(1, ordering: .relaxed)
                throw error
            }
            seen.closedStreams.add(1, ordering: .relaxed)
            return all.joined(separator: " ")
        }
        methods.add(Echo.refuse, admitting: everybody) { requests, _ in
            try await requests.next() ?? "nothing"
        }
        methods.add(Echo.chat, admitting: everybody) { requests, responses, _ in
            while let text = try await requests.next() { try await responses.send(text) }
        }
    }
}
