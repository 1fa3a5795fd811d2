// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import CoreGRPC
internal import RemoteAPI

/// Asks about, stores and reads many blobs at once (PROTOCOL.md §3).
struct ContentAddressableStorageService: Sendable {
    let blobs: any BlobStore
    let limits: ServiceLimits
    let offering: Offering
    /// Told of a failure that a client sees no more of than a status within a batch.
    let report: @Sendable (any Error) -> Void

    func register(in table: inout MethodTable, _ access: some AccessPolicy) {
        typealias Methods = ContentAddressableStorageMethods
        table.add(Methods.findMissingBlobs, admitting: access.requiring(.read)) { request, _ in
            try await findMissingBlobs(request)
        }
        table.add(Methods.batchUpdateBlobs, admitting: access.requiring(.push)) { request, _ in
            try await batchUpdateBlobs(request)
        }
        table.add(Methods.batchReadBlobs, admitting: access.requiring(.read)) { request, _ in
            try await batchReadBlobs(request)
        }
        table.add(Methods.getTree, admitting: access.requiring(.read)) { request, responses, _ in
            try await getTree(request, responses)
        }
    }

    private func findMissingBlobs(_ request: FindMissingBlobsRequest) async throws -> FindMissingBlobsResponse
    {
        _ = try InstanceName(request.instanceName)
        try offering.check(request.digestFunction)
        for digest in request.blobDigests { try offering.check(digest) }
        return FindMissingBlobsResponse(
            missingBlobDigests: try await blobs.missing(among: request.blobDigests))
    }

    private func batchUpdateBlobs(_ request: BatchUpdateBlobsRequest) async throws -> BatchUpdateBlobsResponse
    {
        _ = try InstanceName(request.instanceName)
        try offering.check(request.digestFunction)
        try checkBatch(sizes: request.requests.lazy.map(\.digest.claimedSize))
        try checkBatch(sizes: request.requests.lazy.map(\.data.count))
        let entries = request.requests.map { entry in
            Result { () throws(MalformedValue) in try blob(in: entry) }
        }
        var stored = await blobs.storeWhole(entries.compactMap { try? $0.get() }).makeIterator()
        return BatchUpdateBlobsResponse(
            responses: zip(request.requests, entries).map { asked, entry in
                let status = status {
                    _ = try entry.get(); try stored.next()?.get()
                }
                return BatchUpdateBlobsResponse.Response(digest: asked.digest, status: status)
            })
    }

    private func batchReadBlobs(_ request: BatchReadBlobsRequest) async throws -> BatchReadBlobsResponse {
        _ = try InstanceName(request.instanceName)
        try offering.check(request.digestFunction)
        try checkBatch(sizes: request.digests.lazy.map(\.claimedSize))
        let entries = request.digests.map { claim in
            Result { () throws(MalformedValue) in try offering.digest(claim) }
        }
        var contents = await blobs.readWhole(entries.compactMap { try? $0.get() }).makeIterator()
        return BatchReadBlobsResponse(
            responses: zip(request.digests, entries).map { claim, entry in
                var data = ByteChain()
                let status = status {
                    _ = try entry.get()
                    if let content = contents.next() { data = ByteChain(try content.get()) }
                }
                return BatchReadBlobsResponse.Response(digest: claim, data: data, status: status)
            })
    }

    private func getTree(
        _ request: GetTreeRequest, _ responses: ResponseWriter<GetTreeResponse>
    ) async throws {
        _ = try InstanceName(request.instanceName)
        let root = try offering.digest(request.rootDigest, request.digestFunction)
        guard request.pageSize >= 0 else {
            throw MalformedValue("Expected a page size of 0 or more, found \(request.pageSize).")
        }
        var pages = TreePages(
            after: try PageToken(request.pageToken, root.function),
            directoriesPerPage: Int(request.pageSize), bytesPerPage: limits.treeMessageSize)
        var walk = TreeWalk(from: root, in: blobs, limits.trees)
        while let visits = try await walk.next() {
            for visit in visits {
                guard let (digest, content) = try Self.present(visit, in: root) else { continue }
                if let page = try pages.add(digest, content) { try await responses.send(page) }
            }
        }
        try await responses.send(try pages.end())
    }

    /// The directory that was visited; nil for one that is left out of the answer (PROTOCOL.md T1, T2).
    private static func present(_ visit: TreeWalk.Visit, in root: Digest) throws -> (Digest, Bytes)? {
        switch visit {
        case .directory(let digest, let content, _): return (digest, content)
        case .missing(root): throw StoreError(.notFound, "The root directory \(root) is not here.")
        case .malformed(root): throw MalformedValue("The blob \(root) is not a directory.")
        case .missing, .malformed: return nil
        }
    }

    private func blob(in entry: BatchUpdateBlobsRequest.Request) throws(MalformedValue) -> WholeBlob {
        let digest = try offering.digest(entry.digest)
        try offering.check(entry.compressor)
        return WholeBlob(digest, entry.data)
    }

    private func checkBatch(sizes: some Sequence<Int>) throws(MalformedValue) {
        var sum = 0
        for size in sizes {
            let (next, isTooMuch) = sum.addingReportingOverflow(size)
            guard !isTooMuch, next <= limits.maximumBatchSize else {
                throw MalformedValue(
                    "Expected a batch of at most \(limits.maximumBatchSize) bytes, found more.")
            }
            sum = next
        }
    }

    /// How an entry of a batch goes.
    private func status(of entry: () throws -> Void) -> RPCStatus {
        do {
            try entry()
            return .ok
        } catch {
            if let status = RPCStatus.ofServiceError(error) { return status }
            report(error)
            return .unexpected
        }
    }
}

extension DigestClaim {
    /// The size of the blob, if there can be one of that size.
    fileprivate var claimedSize: Int {
        switch self {
        case .wellFormed(let digest): digest.size
        case .malformed: 0
        }
    }
}
