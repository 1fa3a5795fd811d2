// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASClient
import CASModel
import CoreGRPC
import Foundation
import RemoteAPI

extension BenchTarget {
    /// Writes `blob` in pieces of 1 MiB, and checks that the server took all of it.
    func write(_ blob: BenchBlob, over channel: Channel) async throws -> BenchTally {
        let size = blob.digest.size
        let key = UploadKey(
            instance: instance, identifier: UUID().uuidString.lowercased(), digest: blob.digest,
            compressor: .identity)
        let call = channel.call(ByteStreamMethods.write)
        var offset = 0
        var name = key.writeText
        while offset < size {
            let piece = blob.piece(at: offset)
            let request = WriteRequest(
                resourceName: name, writeOffset: Int64(offset), finishWrite: offset + piece.count == size,
                data: piece)
            guard try await call.send(request) else { break }
            name = ""
            offset += piece.count
        }
        let written = try await call.finish().committedSize
        guard offset == size, written == size else {
            throw BenchFailure(
                "Expected the server to take \(size) bytes of a fresh blob; "
                    + "it took \(offset) and answered \(written).")
        }
        return BenchTally(bytes: size, calls: 1)
    }

    /// Reads a blob and checks its size; `take` sees every piece.
    func read(
        _ digest: Digest, over channel: Channel, _ take: (ByteChain) -> Void = { _ in }
    ) async throws -> BenchTally {
        var request = ReadRequest()
        request.resourceName = ResourceName(instance: instance, digest: digest).readText
        let responses = try channel.call(ByteStreamMethods.read, request)
        var size = 0
        while let response = try await responses.next() {
            size += response.data.count
            take(response.data)
        }
        guard size == digest.size else {
            throw BenchFailure("Expected \(digest.size) bytes of a blob, got \(size).")
        }
        return BenchTally(bytes: size, calls: 1)
    }

    /// Reads a blob and checks every byte of it, which also leaves it in the server's caches.
    func verify(_ digest: Digest, over channel: Channel) async throws {
        let hasher = try ContentHasher(.sha256)
        _ = try await read(digest, over: channel) { hasher.update($0) }
        guard hasher.finish() == digest else {
            throw BenchFailure("The server sent other bytes for \(digest) than were written.")
        }
    }

    /// Writes a blob and checks that it can be read.
    func presentBlob(size: Int) async throws -> Digest {
        let blob = try freshBlob(size: size)
        let channel = try await connect()
        _ = try await write(blob, over: channel)
        try await verify(blob.digest, over: channel)
        return blob.digest
    }
}
