// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CoreGRPC
import Foundation
import RemoteAPI
import SwiftProtobuf

/// The rpcs that tests call by themselves, over one connection.
struct CacheClient: Sendable {
    /// A call that takes longer hangs.
    private static let options = CallOptions(timeout: .seconds(120))

    let channel: Channel

    /// A client of the server at `address`.
    init(_ address: String) {
        var configuration = ChannelConfiguration()
        configuration.sharesConnections = false
        channel = Channel(to: address, configuration)
    }

    /// Stores blobs with BatchUpdateBlobs; throws the status of the first that was not stored.
    func store(_ blobs: [Blob]) async throws {
        let request = BatchUpdateBlobsRequest(
            requests: blobs.map { .init(digest: .wellFormed($0.digest), data: ByteChain($0.bytes)) })
        let method = ContentAddressableStorageMethods.batchUpdateBlobs
        let response = try await channel.call(method, request, Self.options)
        guard response.responses.count == blobs.count else {
            throw ChildProcessError("\(blobs.count) blobs got \(response.responses.count) answers.")
        }
        for answer in response.responses where answer.status.code != .ok { throw answer.status }
    }

    /// Starts a Write of `blob`: sends its first `count` bytes, and the name.
    func beginWrite(_ blob: Blob, sending count: Int, as identifier: String) async throws
        -> RequestStream<WriteRequest, WriteResponse>
    {
        let requests = channel.call(ByteStreamMethods.write, Self.options)
        let first = WriteRequest(
            resourceName: Self.name(blob, identifier), finishWrite: count == blob.digest.size,
            data: ByteChain(blob.bytes[0..<count]))
        _ = try await requests.send(first)
        return requests
    }

    /// Sends the rest of `blob` from `offset` on and waits for the answer.
    func finishWrite(
        _ blob: Blob, from offset: Int, _ requests: RequestStream<WriteRequest, WriteResponse>,
        piece: Int = 256 << 10
    ) async throws {
        var offset = offset
        while offset < blob.digest.size {
            let end = min(blob.digest.size, offset + piece)
            let request = WriteRequest(
                writeOffset: Int64(offset), finishWrite: end == blob.digest.size,
                data: ByteChain(blob.bytes[offset..<end]))
            guard try await requests.send(request) else { break }
            offset = end
        }
        let response = try await requests.finish()
        guard response.committedSize == blob.digest.size else {
            throw ChildProcessError(
                "\(blob.digest) was written, but \(response.committedSize) bytes committed.")
        }
    }

    /// Stores a blob with Write.
    func write(_ blob: Blob, piece: Int = 256 << 10) async throws {
        let count = min(blob.digest.size, piece)
        let requests = try await beginWrite(blob, sending: count, as: UUID().uuidString)
        try await finishWrite(blob, from: count, requests, piece: piece)
    }

    /// Goes on with a Write of `blob` that ended before its `offset` bytes were all.
    func goOn(_ blob: Blob, as identifier: String, from offset: Int) async throws {
        let requests = channel.call(ByteStreamMethods.write, Self.options)
        let first = WriteRequest(
            resourceName: Self.name(blob, identifier), writeOffset: Int64(offset), finishWrite: false)
        _ = try await requests.send(first)
        try await finishWrite(blob, from: offset, requests)
    }

    /// How much of an upload the server keeps.
    func kept(of blob: Blob, _ identifier: String) async throws -> Int64 {
        var request = QueryWriteStatusRequest()
        request.resourceName = Self.name(blob, identifier)
        return try await channel.call(ByteStreamMethods.queryWriteStatus, request, Self.options).committedSize
    }

    /// Whether the server as a whole says that it serves.
    func isServing() async throws -> Bool {
        try await channel.call(HealthMethods.check, HealthCheckRequest(), Self.options).status == .serving
    }

    /// Reads a blob with Read; nil if it is not there.
    func read(_ digest: Digest) async throws -> Bytes? {
        try await absentIsNil { try await read(named: "blobs/\(digest)") }
    }

    /// Reads what has this resource name.
    func read(named name: String) async throws -> Bytes {
        var request = ReadRequest()
        request.resourceName = name
        let responses = try channel.call(ByteStreamMethods.read, request, Self.options)
        var content = ByteChain()
        while let response = try await responses.next() { content.append(response.data) }
        return content.joined()
    }

    /// Reads small blobs with BatchReadBlobs; nil for each that is not there.
    func readBatch(_ digests: [Digest]) async throws -> [Bytes?] {
        let request = BatchReadBlobsRequest(digests: digests.map { .wellFormed($0) })
        let method = ContentAddressableStorageMethods.batchReadBlobs
        return try await channel.call(method, request, Self.options).responses.map { response in
            switch response.status.code {
            case .ok: response.data.joined()
            case .notFound: nil
            default: throw response.status
            }
        }
    }

    /// Lets `key` name a tree.
    func updateReference(_ key: String, to root: Digest) async throws {
        var request = UpdateReferenceRequest()
        request.keys = [key]
        request.digest = DigestMessage(root)
        _ = try await channel.call(ReferenceStorageMethods.updateReference, request, Self.options)
    }

    /// The tree that `key` names; nil if it names none.
    func reference(_ key: String) async throws -> Digest? {
        var request = GetReferenceRequest()
        request.key = key
        return try await absentIsNil {
            let answer = try await channel.call(ReferenceStorageMethods.getReference, request, Self.options)
                .digest
            return try Digest(.sha256, hexadecimal: answer.hash, size: Int(answer.sizeBytes))
        }
    }

    /// Calls an rpc of one request and one response with bytes that may be no message.
    func call(_ service: String, _ name: String, _ bytes: [UInt8]) async throws {
        let codec = MessageCodec<ByteChain>(decode: { $0 }, encode: { $0 })
        let method = Method<CallKind.Unary, ByteChain, ByteChain>(
            service: service, name: name, request: codec, response: codec)
        _ = try await channel.call(method, ByteChain(Bytes(bytes)), Self.options)
    }

    private static func name(_ blob: Blob, _ identifier: String) -> String {
        "uploads/\(identifier)/blobs/\(blob.digest)"
    }

    private func absentIsNil<Result>(_ body: () async throws -> Result) async throws -> Result? {
        do {
            return try await body()
        } catch let status as RPCStatus where status.code == .notFound {
            return nil
        }
    }
}

/// Calls `body` and returns the code that it ends with.
func code(_ body: () async throws -> Void) async throws -> RPCStatus.Code {
    do {
        try await body()
        return .ok
    } catch let status as RPCStatus {
        return status.code
    }
}
