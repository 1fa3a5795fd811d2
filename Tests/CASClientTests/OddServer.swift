// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CoreGRPC
import RemoteAPI
import Synchronization

/// A server that a test makes as odd as it likes: old, broken, lying, or with a hand in the client's files.
final class OddServer: Sendable {
    private struct State {
        var blobs: [Digest: ByteChain] = [:]
        var failuresLeft: [String: Int] = [:]
        var readOffsets: [Int64] = []
        var writeMessages = 0
    }

    struct Oddities: Sendable {
        var isOld = false
        /// How many calls of each rpc find it unavailable at first.
        var failuresAtFirst = 0
        /// Whether the first byte of every blob of more than one byte is sent wrong.
        var lies = false
        /// Whether the first Read of a blob ends after the first piece.
        var breaksOff = false
        /// What a Write is answered with after its first message.
        var earlyAnswer: Int64?
        var onFindMissing: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())
    private let oddities: Oddities
    private static let pieceSize = 100_000

    init(_ oddities: Oddities) {
        self.oddities = oddities
    }

    var readOffsets: [Int64] { state.withLock { $0.readOffsets } }
    var writeMessages: Int { state.withLock { $0.writeMessages } }
    func has(_ digest: Digest) -> Bool { state.withLock { $0.blobs[digest] != nil } }

    /// The rpcs that it offers.
    var methods: MethodTable {
        var table = MethodTable()
        table.add(ByteStreamMethods.read, admitting: admission, read)
        table.add(ByteStreamMethods.write, admitting: admission, write)
        table.add(ContentAddressableStorageMethods.findMissingBlobs, admitting: admission) { request, _ in
            self.oddities.onFindMissing()
            return FindMissingBlobsResponse(missingBlobDigests: request.blobDigests.filter { !self.has($0) })
        }
        guard !oddities.isOld else { return table }
        table.add(ContentAddressableStorageMethods.batchReadBlobs, admitting: admission) { request, _ in
            BatchReadBlobsResponse(responses: request.digests.reversed().map(self.entry))
        }
        table.add(ContentAddressableStorageMethods.batchUpdateBlobs, admitting: admission) { request, _ in
            BatchUpdateBlobsResponse(responses: request.requests.reversed().map(self.keep))
        }
        table.add(CapabilitiesMethods.getCapabilities, admitting: admission) { _, _ in
            var capabilities = ServerCapabilities()
            capabilities.cacheCapabilities.digestFunctions = [.sha1, .sha256]
            return capabilities
        }
        return table
    }

    private var admission: Admission {
        { [self] call in
            try state.withLock { state in
                let left = state.failuresLeft[call.path, default: oddities.failuresAtFirst]
                state.failuresLeft[call.path] = max(0, left - 1)
                if left > 0 { throw RPCStatus(.unavailable, "not yet") }
            }
        }
    }

    private func content(of digest: Digest) throws -> ByteChain {
        guard let content = state.withLock({ $0.blobs[digest] }) else { throw RPCStatus(.notFound, "gone") }
        guard oddities.lies, content.count > 1 else { return content }
        var bytes = Array(content.joined())
        bytes[0] ^= 1
        return ByteChain(Bytes(bytes))
    }

    private func entry(_ claim: DigestClaim) -> BatchReadBlobsResponse.Response {
        do {
            return .init(
                digest: claim, data: try content(of: claim.get()), status: .ok, compressor: .identity)
        } catch {
            let status = error as? RPCStatus ?? RPCStatus(.internal, "\(error)")
            return .init(digest: claim, data: ByteChain(), status: status, compressor: .identity)
        }
    }

    private func keep(_ request: BatchUpdateBlobsRequest.Request) -> BatchUpdateBlobsResponse.Response {
        let bytes = ByteChain(Bytes(copying: request.data))
        guard let digest = try? request.digest.get(), (try? Digest.of(bytes)) == digest else {
            return .init(digest: request.digest, status: RPCStatus(.invalidArgument, "wrong digest"))
        }
        state.withLock { $0.blobs[digest] = bytes }
        return .init(digest: request.digest, status: .ok)
    }

    private func read(
        _ request: ReadRequest, _ responses: ResponseWriter<ReadResponse>, _ call: CallContext
    ) async throws {
        let content = try content(of: ResourceName(read: request.resourceName).digest)
        let isFirst = state.withLock { state in
            state.readOffsets.append(request.readOffset)
            return state.readOffsets.count == 1
        }
        for start in stride(from: Int(request.readOffset), to: content.count, by: Self.pieceSize) {
            let end = min(content.count, start + Self.pieceSize)
            try await responses.send(ReadResponse(data: content[start..<end]))
            if isFirst, oddities.breaksOff { throw RPCStatus(.unavailable, "broken off") }
        }
    }

    private func write(_ requests: RequestReader<WriteRequest>, _ call: CallContext) async throws
        -> WriteResponse
    {
        var content = ByteChain()
        var digest: Digest?
        while let request = try await requests.next() {
            state.withLock { $0.writeMessages += 1 }
            if digest == nil { digest = try UploadKey(write: request.resourceName).digest }
            content.append(Bytes(copying: request.data))
            if let answer = oddities.earlyAnswer { return response(answer) }
        }
        guard let digest, try Digest.of(content) == digest else {
            throw RPCStatus(.invalidArgument, "wrong digest")
        }
        let whole = content
        state.withLock { $0.blobs[digest] = whole }
        return response(Int64(whole.count))
    }

    private func response(_ committedSize: Int64) -> WriteResponse {
        var response = WriteResponse()
        response.committedSize = committedSize
        return response
    }
}

extension Bytes {
    fileprivate init(copying chain: ByteChain) {
        self.init(chain.slices.flatMap { Array($0) })
    }
}
