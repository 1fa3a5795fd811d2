// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import CoreGRPC
internal import RemoteAPI
internal import SwiftProtobuf

/// Reads and writes one blob of any size (PROTOCOL.md §2).
struct ByteStreamService: Sendable {
    let blobs: any BlobStore
    let limits: ServiceLimits
    let offering: Offering

    func register(in table: inout MethodTable, _ access: some AccessPolicy) {
        table.add(ByteStreamMethods.read, admitting: access.requiring(.read)) { request, responses, _ in
            try await read(request, responses)
        }
        table.add(ByteStreamMethods.write, admitting: access.requiring(.push)) { requests, _ in
            try await write(requests)
        }
        table.add(ByteStreamMethods.queryWriteStatus, admitting: access.requiring(.read)) { request, _ in
            try await queryWriteStatus(request)
        }
    }

    private func read(_ request: ReadRequest, _ responses: ResponseWriter<ReadResponse>) async throws {
        let resource = try ResourceName(read: request.resourceName)
        try check(resource.digest, resource.compressor)
        guard request.readLimit >= 0 else {
            throw MalformedValue("Expected a read limit of 0 or more, found \(request.readLimit).")
        }
        let reader = try await blobs.reader(of: resource.digest, from: Int(request.readOffset))
        var wanted = request.readLimit == 0 ? Int.max : Int(request.readLimit)
        while wanted > 0, let piece = try await reader.next() {
            let part = piece[0..<min(wanted, piece.count)]
            wanted -= part.count
            try await responses.send(ReadResponse(data: ByteChain(part)))
        }
    }

    private func write(_ requests: RequestReader<WriteRequest>) async throws -> WriteResponse {
        guard var request = try await requests.next() else {
            throw MalformedValue("Expected a write request with a resource name, found none.")
        }
        let key = try uploadKey(request.resourceName)
        let written = WriteResponse.with { $0.committedSize = Int64(key.digest.size) }
        if try await isPresent(key.digest) { return written }
        var sequence = try WriteSequence(startingWith: request)
        let upload = try await blobs.openUpload(key, at: sequence.offset)
        do {
            try await receive(&request, requests, &sequence, into: upload)
        } catch {
            await upload.park()
            throw error
        }
        if try await requests.next() != nil { throw WriteSequence.pastTheEnd }
        return written
    }

    /// Takes in `request` and those after it, up to the one that finishes.
    private func receive(
        _ request: inout WriteRequest, _ requests: RequestReader<WriteRequest>,
        _ sequence: inout WriteSequence,
        into upload: any BlobUpload
    ) async throws {
        while true {
            try sequence.take(request)
            if !request.data.isEmpty { try await upload.append(request.data) }
            if request.finishWrite { return try await upload.finish() }
            // Not kept while the next one is waited for.
            request.data = ByteChain()
            guard let next = try await requests.next() else { throw WriteSequence.unfinished }
            request = next
        }
    }

    private func queryWriteStatus(_ request: QueryWriteStatusRequest) async throws -> QueryWriteStatusResponse
    {
        let key = try uploadKey(request.resourceName)
        // First what is kept: an upload that ends in between is present then, and neither only for no moment.
        let kept = await blobs.keptBytes(of: key) ?? 0
        let isComplete = try await isPresent(key.digest)
        return .with {
            $0.complete = isComplete
            $0.committedSize = Int64(isComplete ? key.digest.size : kept)
        }
    }

    private func uploadKey(_ name: String) throws -> UploadKey {
        guard !name.isEmpty else { throw MalformedValue("Expected a resource name, found none.") }
        let key = try UploadKey(write: name)
        try check(key.digest, key.compressor)
        if let maximum = limits.maximumBlobSize, key.digest.size > maximum {
            throw MalformedValue(
                "Expected a blob of at most \(maximum) bytes, found one of \(key.digest.size).")
        }
        return key
    }

    private func check(_ digest: Digest, _ compressor: Compressor) throws {
        try offering.check(digest)
        try offering.check(compressor)
    }

    private func isPresent(_ digest: Digest) async throws -> Bool {
        try await blobs.missing(among: [digest]).isEmpty
    }
}
