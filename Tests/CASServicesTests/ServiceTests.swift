// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import CASStore
import CoreGRPC
import RemoteAPI
import SwiftProtobuf
import Testing

@Suite struct CapabilitiesTests {
    @Test func `§4, the capabilities are those that are kept`() async throws {
        try await CacheServer.run { (cache) async throws in
            let all = try await cache.channel.call(
                CapabilitiesMethods.getCapabilities, GetCapabilitiesRequest())
            #expect(all.cacheCapabilities.digestFunctions == [.sha256])
            #expect(all.cacheCapabilities.maxBatchTotalSizeBytes == 4_128_768)
            #expect(all.cacheCapabilities.symlinkAbsolutePathStrategy == .allowed)
            #expect(all.cacheCapabilities.supportedCompressors.isEmpty)
            #expect(all.lowApiVersion.major == 2 && all.lowApiVersion.minor == 0)
            #expect(all.highApiVersion.major == 2 && all.highApiVersion.minor == 12)
            #expect(!all.hasDeprecatedApiVersion && !all.hasExecutionCapabilities)
            let bad = await code {
                _ = try await cache.channel.call(
                    CapabilitiesMethods.getCapabilities, .with { $0.instanceName = "a/blobs" })
            }
            #expect(bad == .invalidArgument)
        }
    }
}

@Suite struct RightsTests {
    /// A call of each rpc that pushes, with arguments that are refused where they are looked at.
    static let pushes: [@Sendable (CacheServer) async throws -> Void] = [
        { _ = try await $0.write(WriteRequest(resourceName: "nonsense")) },
        {
            _ = try await $0.channel.call(
                ContentAddressableStorageMethods.batchUpdateBlobs, .init(instanceName: "//"))
        },
        { try await $0.update([""], to: DigestMessage()) },
        { _ = try await $0.update(Content("").digest, in: "//", to: ActionResult()) },
    ]

    /// The same of each rpc that reads.
    static let reads: [@Sendable (CacheServer) async throws -> Void] = [
        { _ = try await $0.read("nonsense") }, { _ = try await $0.queryWriteStatus("nonsense") },
        {
            _ = try await $0.channel.call(
                ContentAddressableStorageMethods.findMissingBlobs, .init(instanceName: "//"))
        },
        {
            _ = try await $0.channel.call(
                ContentAddressableStorageMethods.batchReadBlobs, .init(instanceName: "//"))
        },
        { _ = try await $0.tree(Content("").digest, pageSize: -1) }, { _ = try await $0.reference("") },
        { _ = try await $0.result(of: Content("").digest, in: "//") },
        {
            _ = try await $0.channel.call(
                CapabilitiesMethods.getCapabilities, .with { $0.instanceName = "//" })
        },
        { _ = try await $0.channel.call(ReferenceStorageMethods.status, .with { $0.instanceName = "//" }) },
    ]

    @Test func `DESIGN §7, rights are asked for before arguments are looked at`() async throws {
        try await CacheServer.run(rights: .read) { (cache) async throws in
            for push in Self.pushes { await expect(.permissionDenied) { try await push(cache) } }
            for read in Self.reads { await expect(.invalidArgument) { try await read(cache) } }
        }
        try await CacheServer.run(rights: []) { (cache) async throws in
            for call in Self.pushes + Self.reads { await expect(.permissionDenied) { try await call(cache) } }
        }
        try await CacheServer.run { (cache) async throws in
            for call in Self.pushes + Self.reads { await expect(.invalidArgument) { try await call(cache) } }
        }
    }
}

@Suite struct ProbingTests {
    @Test(arguments: [true, false])
    func `§6, BuildStream 1 finds out what there is`(mayPush: Bool) async throws {
        try await CacheServer.run(rights: mayPush ? [.read, .push] : .read) { (cache) async throws in
            let channel = cache.channel
            await expect(.ok) { _ = try await channel.call(CapabilitiesMethods.getCapabilities, .init()) }
            typealias CAS = ContentAddressableStorageMethods
            await expect(.ok) { _ = try await channel.call(CAS.batchReadBlobs, .init()) }
            await expect(.unimplemented) { _ = try await channel.call(FetchMethods.fetchDirectory, .init()) }
            let update = await code { _ = try await channel.call(CAS.batchUpdateBlobs, .init()) }
            #expect(update == (mayPush ? .ok : .permissionDenied))
            await expect(.unimplemented) { _ = try await channel.call(PushMethods.pushDirectory, .init()) }
            let status = try await channel.call(ReferenceStorageMethods.status, .init())
            #expect(status.allowUpdates == mayPush)
        }
    }

    @Test(arguments: ["SplitBlob", "SpliceBlob", "Nonsense"])
    func `an rpc that is not offered is UNIMPLEMENTED`(name: String) async throws {
        let method = Method<CallKind.Unary, StatusRequest, StatusResponse>(
            service: ContentAddressableStorageMethods.service, name: name, request: .protobuf,
            response: .protobuf)
        try await CacheServer.run { (cache) async throws in
            await expect(.unimplemented) { _ = try await cache.channel.call(method, .init()) }
        }
    }
}

@Suite struct HostileInputTests {
    /// Bytes as they are, to rpcs of the kind of `method`.
    private func raw<Kind, Request, Response>(
        _ method: Method<Kind, Request, Response>
    ) -> Method<Kind, ByteChain, ByteChain> {
        let bare = MessageCodec<ByteChain>(decode: { $0 }, encode: { $0 })
        return Method(service: method.service, name: method.name, request: bare, response: bare)
    }

    @Test func `garbage is INVALID_ARGUMENT for every rpc`() async throws {
        let garbage = ByteChain(Bytes([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x12]))
        try await CacheServer.run { (cache) async throws in
            let unary = [
                raw(ByteStreamMethods.queryWriteStatus),
                raw(ContentAddressableStorageMethods.findMissingBlobs),
                raw(ContentAddressableStorageMethods.batchUpdateBlobs),
                raw(ContentAddressableStorageMethods.batchReadBlobs),
                raw(CapabilitiesMethods.getCapabilities),
                raw(ActionCacheMethods.getActionResult), raw(ActionCacheMethods.updateActionResult),
                raw(ReferenceStorageMethods.getReference), raw(ReferenceStorageMethods.updateReference),
                raw(ReferenceStorageMethods.status), raw(HealthMethods.check),
            ]
            for method in unary {
                let code = await code { _ = try await cache.channel.call(method, garbage) }
                #expect(code == .invalidArgument, "\(method.path)")
            }
            for method in [raw(ByteStreamMethods.read), raw(ContentAddressableStorageMethods.getTree)] {
                let code = await code { _ = try await cache.channel.call(method, garbage).next() }
                #expect(code == .invalidArgument, "\(method.path)")
            }
            let write = cache.channel.call(raw(ByteStreamMethods.write))
            _ = try await write.send(garbage)
            await expect(.invalidArgument) { _ = try await write.finish() }
        }
    }

    @Test func `garbage in the middle of a write keeps what came before it`() async throws {
        try await CacheServer.run { (cache) async throws in
            let blob = Content(size: 100)
            let name = "uploads/u/blobs/\(blob.digest)"
            let write = cache.channel.call(raw(ByteStreamMethods.write))
            _ = try await write.send(part(blob, 0..<50, name: name).encoded())
            _ = try await write.send(ByteChain(Bytes([0xFF, 0xFF])))
            await expect(.invalidArgument) { _ = try await write.finish() }
            #expect(try await cache.queryWriteStatus(name).committedSize == 50)
        }
    }

    @Test func `a message nested without end is refused`() async throws {
        try await CacheServer.run { (cache) async throws in
            let nested = ByteChain(Bytes(Array(repeating: 0x7B, count: 1 << 20)))
            for method in [
                raw(ContentAddressableStorageMethods.findMissingBlobs),
                raw(ReferenceStorageMethods.updateReference),
            ] {
                let code = await code { _ = try await cache.channel.call(method, nested) }
                #expect(code == .invalidArgument, "\(method.path)")
            }
        }
    }
}

@Suite struct HealthTests {
    private func status(
        _ service: String, _ cache: CacheServer
    ) async throws -> HealthCheckResponse.ServingStatus {
        try await cache.channel.call(HealthMethods.check, .with { $0.service = service }).status
    }

    @Test func `§8, the server and each service have a status, open to all callers`() async throws {
        try await CacheServer.run(rights: []) { (cache) async throws in
            for service in CacheServices.names + [""] {
                #expect(try await status(service, cache) == .notServing)
            }
            cache.health.setAll(.serving)
            for service in CacheServices.names + [""] {
                #expect(try await status(service, cache) == .serving)
            }
            await expect(.notFound) { _ = try await status("nonsense", cache) }
            let list = try await cache.channel.call(HealthMethods.list, HealthListRequest()).statuses
            #expect(Set(list.keys) == Set(CacheServices.names + [""]))
            #expect(list.values.allSatisfy { $0.status == .serving })
        }
    }

    @Test func `§8, a watch tells the status and each change, until the board is closed`() async throws {
        try await CacheServer.run { (cache) async throws in
            let watch = try cache.channel.call(HealthMethods.watch, .with { $0.service = "" })
            #expect(try await watch.next()?.status == .notServing)
            cache.health.setAll(.serving)
            #expect(try await watch.next()?.status == .serving)
            cache.health.setAll(.notServing)
            #expect(try await watch.next()?.status == .notServing)
            let unknown = try cache.channel.call(HealthMethods.watch, .with { $0.service = "nonsense" })
            #expect(try await unknown.next()?.status == .serviceUnknown)
            cache.health.close()
            await expect(.unavailable) { _ = try await watch.next() }
            await expect(.unavailable) { _ = try await unknown.next() }
            let late = try cache.channel.call(HealthMethods.watch, .with { $0.service = "" })
            #expect(try await late.next()?.status == .notServing)
            await expect(.unavailable) { _ = try await late.next() }
        }
    }
}
