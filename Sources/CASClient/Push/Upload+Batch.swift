// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

extension Upload {
    /// Sends small blobs in one call.
    ///
    /// - Returns: false, with nothing sent, if the server has no such call.
    func sendBatch(_ numbers: [Int], _ cursor: inout FolderCursor) async throws -> Bool {
        let request = BatchUpdateBlobsRequest(
            instanceName: remote.instance.text, requests: try read(numbers, &cursor), digestFunction: .sha256)
        let byteCount = numbers.reduce(0) { $0 + blobs[$1].digest.size }
        do {
            try await remote.configuration.retries.retrying {
                let response = try await remote.channel.call(
                    ContentAddressableStorageMethods.batchUpdateBlobs, request,
                    remote.options(moving: byteCount))
                try check(response, of: numbers)
            }
        } catch let status as RPCStatus where status.code == .unimplemented {
            remote.offered.note(missing: .batchUpdate)
            return false
        }
        progress.did(files: numbers.count, bytes: byteCount)
        return true
    }

    /// The entries of the batch; the files' content lies in one buffer, one after the other.
    private func read(
        _ numbers: [Int], _ cursor: inout FolderCursor
    ) throws -> [BatchUpdateBlobsRequest.Request] {
        let content = try batchBuffers.bytes { (room) throws(ClientError) in
            var filled = 0
            for number in numbers {
                guard case .file(let file) = blobs[number].source else { continue }
                let size = blobs[number].digest.size
                let part = UnsafeMutableRawBufferPointer(rebasing: room[filled..<filled + size])
                try read(file, into: part, &cursor)
                filled += size
            }
            return filled
        }
        var start = 0
        return try numbers.map { number in
            let blob = blobs[number]
            let data: Bytes
            switch blob.source {
            case .file:
                data = content[start..<start + blob.digest.size]
                start += blob.digest.size
            case .folder(let folder):
                data = try tree.encoded(folder)
            }
            return BatchUpdateBlobsRequest.Request(digest: .wellFormed(blob.digest), data: ByteChain(data))
        }
    }

    private func read(
        _ number: Int, into room: UnsafeMutableRawBufferPointer, _ cursor: inout FolderCursor
    ) throws(ClientError) {
        let (file, status) = try tree.local.open(number, &cursor)
        let stamp = tree.local.files[number].stamp
        guard FileStamp(status) == stamp else { throw tree.local.changed(number) }
        let count = try ClientError.naming(tree.local.path(ofFile: number), "read") {
            () throws(SystemError) in
            try file.read(into: room, at: 0)
        }
        try tree.local.check(number, file, isStill: stamp, of: count)
    }

    /// Checks that every blob was stored; answers are told by their digests, as not all servers keep the order.
    private func check(_ response: BatchUpdateBlobsResponse, of numbers: [Int]) throws {
        var stored: Set<Digest> = []
        var refused: [Digest: RPCStatus] = [:]
        for entry in response.responses {
            let digest = try entry.digest.get()
            if entry.status.code == .ok { stored.insert(digest) } else { refused[digest] = entry.status }
        }
        for number in numbers where !stored.contains(blobs[number].digest) {
            let status = refused[blobs[number].digest]
            throw explain(status ?? Self.unanswered, of: blobs[number])
        }
    }

    private static let unanswered = RPCStatus(
        .internal, "The server did not answer for all blobs of a batch.")
}
