// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

/// Reads blobs from a server and lets none pass that is not what its digest says.
struct BlobReader: Sendable {
    let remote: Remote

    /// What a blob is for, as it stands in a sentence: “the file “a/b””.
    typealias Describe = (Digest) -> String

    /// Reads blobs that fit one batch, and calls `take` with each, in any order.
    ///
    /// - Throws: ``ClientError``, with `describe` saying which blob is missing or wrong; `RPCStatus`.
    func readBatch(
        _ digests: [Digest], _ describe: Describe, _ take: (Digest, ByteChain) throws -> Void
    ) async throws {
        guard remote.offered.has(.batchRead) else {
            return try await readEach(digests, describe, take)
        }
        let request = BatchReadBlobsRequest(
            instanceName: remote.instance.text, digests: digests.map { .wellFormed($0) },
            digestFunction: .sha256)
        do {
            let responses = try await remote.configuration.retries.retrying {
                let response = try await remote.channel.call(
                    ContentAddressableStorageMethods.batchReadBlobs, request,
                    remote.options(moving: digests.reduce(0) { $0 + $1.size }))
                return try checked(response, of: digests, describe)
            }
            for (digest, content) in responses { try take(digest, content) }
        } catch let status as RPCStatus where status.code == .unimplemented {
            remote.offered.note(missing: .batchRead)
            try await readEach(digests, describe, take)
        }
    }

    private func readEach(
        _ digests: [Digest], _ describe: Describe, _ take: (Digest, ByteChain) throws -> Void
    ) async throws {
        for digest in digests { try take(digest, try await read(digest, describe)) }
    }

    /// The blobs in `response`, each verified; servers may answer in any order.
    private func checked(
        _ response: BatchReadBlobsResponse, of digests: [Digest], _ describe: Describe
    ) throws -> [Digest: ByteChain] {
        var contents: [Digest: ByteChain] = [:]
        for entry in response.responses {
            let digest = try entry.digest.get()
            guard entry.status.code == .ok else { throw explain(entry.status, digest, describe) }
            guard entry.compressor == .identity else { throw corrupted(digest, describe) }
            contents[digest] = entry.data
        }
        return try digests.reduce(into: [:]) { checked, digest in
            guard let content = contents[digest] else { throw missing(digest, describe) }
            guard content.count == digest.size, try Digest.of(content) == digest else {
                throw corrupted(digest, describe)
            }
            checked[digest] = content
        }
    }

    /// Reads one blob into memory; the caller bounds its size.
    func read(_ digest: Digest, _ describe: Describe) async throws -> ByteChain {
        var content = ByteChain()
        try await stream(digest, describe) { content.append($0) }
        return content
    }

    /// Reads one blob of any size, piece by piece: when this returns, all pieces together were right.
    ///
    /// A broken transfer goes on where it broke.
    func stream(
        _ digest: Digest, _ describe: Describe, _ take: (ByteChain) throws -> Void
    ) async throws {
        guard digest.size > 0 else { return }
        let hasher = try ContentHasher(.sha256)
        do {
            try await remote.configuration.retries.retrying {
                try await readOn(digest, describe, hasher, take)
            }
        } catch let status as RPCStatus {
            throw explain(status, digest, describe)
        }
        guard hasher.finish() == digest else { throw corrupted(digest, describe) }
    }

    /// Reads what `hasher` has not seen yet.
    private func readOn(
        _ digest: Digest, _ describe: Describe, _ hasher: ContentHasher, _ take: (ByteChain) throws -> Void
    ) async throws {
        guard hasher.size < digest.size else { return }
        var request = ReadRequest()
        request.resourceName = ResourceName(instance: remote.instance, digest: digest).readText
        request.readOffset = Int64(hasher.size)
        let options = remote.options(moving: digest.size - hasher.size)
        let responses = try remote.channel.call(ByteStreamMethods.read, request, options)
        while let response = try await responses.next() {
            guard response.data.count <= digest.size - hasher.size else { throw corrupted(digest, describe) }
            hasher.update(response.data)
            try take(response.data)
        }
        guard hasher.size == digest.size else { throw corrupted(digest, describe) }
    }

    private func explain(_ status: RPCStatus, _ digest: Digest, _ describe: Describe) -> any Error {
        switch status.code {
        case .notFound: missing(digest, describe, cause: status)
        case .dataLoss: corrupted(digest, describe, cause: status)
        case .ok, .cancelled, .unknown, .invalidArgument, .deadlineExceeded, .alreadyExists,
            .permissionDenied, .resourceExhausted, .failedPrecondition, .aborted, .outOfRange,
            .unimplemented, .internal, .unavailable, .unauthenticated:
            status
        }
    }

    private func missing(_ digest: Digest, _ describe: Describe, cause: RPCStatus? = nil) -> ClientError {
        ClientError(
            .blobMissing,
            "The server \(remote.url) does not have \(describe(digest)) (\(digest)). Push the tree again.",
            cause: cause)
    }

    private func corrupted(_ digest: Digest, _ describe: Describe, cause: RPCStatus? = nil) -> ClientError {
        ClientError(
            .corrupted,
            "The server \(remote.url) sent wrong bytes for \(describe(digest)) (\(digest)). "
                + "Try again; if it stays so, the server's store needs a check.",
            cause: cause)
    }
}
