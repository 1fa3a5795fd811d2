// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

extension Upload {
    /// Sends a blob of any size, piece by piece.
    func sendStream(_ blob: LocalBlob, _ cursor: inout FolderCursor) async throws {
        switch blob.source {
        case .folder(let folder):
            let content = try tree.encoded(folder)
            try await send(blob) { offset in
                content[offset..<min(offset + Self.pieceSize, content.count)]
            }
        case .file(let number):
            let local = tree.local
            let (file, status) = try local.open(number, &cursor)
            let stamp = local.files[number].stamp
            guard FileStamp(status) == stamp else { throw local.changed(number) }
            try await send(blob) { offset in
                let piece = try ClientError.naming(local.path(ofFile: number), "read") {
                    () throws(SystemError) in
                    try pieceBuffers.bytes { (room) throws(SystemError) in
                        try file.read(into: room, at: offset)
                    }
                }
                let size = min(offset + piece.count, stamp.size)
                let isLast = piece.count < Self.pieceSize || size == stamp.size
                if isLast { try local.check(number, file, isStill: stamp, of: offset + piece.count) }
                return piece
            }
        }
    }

    private func send(_ blob: LocalBlob, _ piece: (_ offset: Int) throws -> Bytes) async throws {
        try await remote.configuration.retries.retrying {
            var sent = 0
            do {
                try await attempt(blob, piece, &sent)
            } catch {
                progress.did(bytes: -sent)
                guard let status = error as? RPCStatus else { throw error }
                throw explain(status, of: blob)
            }
            progress.did(files: 1, bytes: blob.digest.size - sent)
        }
    }

    /// One attempt from the start of the blob; counts in `sent` what progress was told.
    private func attempt(
        _ blob: LocalBlob, _ piece: (_ offset: Int) throws -> Bytes, _ sent: inout Int
    ) async throws {
        let key = UploadKey(
            instance: remote.instance, identifier: Self.newIdentifier(), digest: blob.digest,
            compressor: .identity)
        let size = blob.digest.size
        let requests = remote.channel.call(ByteStreamMethods.write, remote.options(moving: size))
        while sent < size {
            try Task.checkCancellation()
            let data = try piece(sent)
            let request = WriteRequest(
                resourceName: sent == 0 ? key.writeText : "", writeOffset: Int64(sent),
                finishWrite: sent + data.count == size, data: ByteChain(data))
            // False: the server has answered early, as one does that has the blob already.
            guard try await requests.send(request) else { break }
            sent += data.count
            progress.did(bytes: data.count)
        }
        let response = try await requests.finish()
        guard response.committedSize == Int64(size) else {
            throw ClientError(
                .serverFailure,
                "The server \(remote.url) kept \(response.committedSize) of the \(size) bytes of "
                    + "“\(Printable.quoting(path(of: blob)))”. Push again.")
        }
    }

    /// A random UUID (RFC 9562, version 4): every attempt is an upload of its own.
    private static func newIdentifier() -> String {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(3 << 62) | 1 << 63
        let digits = [high, low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        let lengths = [8, 4, 4, 4, 12]
        return lengths.reduce(into: (parts: [Substring](), rest: digits[...])) { state, length in
            state.parts.append(state.rest.prefix(length))
            state.rest = state.rest.dropFirst(length)
        }.parts.joined(separator: "-")
    }
}
