// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC

/// Sends blobs of a local tree: small ones in batches, large ones as streams, a few transfers at a time.
///
/// Holds at most a batch, or a few pieces of a stream, for each transfer under way.
struct Upload: Sendable {
    /// How many bytes one message of a stream carries.
    static let pieceSize = 1 << 20

    let tree: HashedTree
    let blobs: [LocalBlob]
    let remote: Remote
    let progress: TransferProgress
    let batchBuffers: BufferPool
    let pieceBuffers: BufferPool

    init(_ tree: HashedTree, _ blobs: [LocalBlob], to remote: Remote, _ progress: TransferProgress) {
        self.tree = tree
        self.blobs = blobs
        self.remote = remote
        self.progress = progress
        let transfers = remote.configuration.transfersAtOnce
        batchBuffers = BufferPool(bufferSize: remote.capabilities.batchSizeAtMost, keptAtMost: transfers)
        pieceBuffers = BufferPool(bufferSize: Self.pieceSize, keptAtMost: 2 * transfers)
    }

    /// Sends all blobs.
    ///
    /// - Throws: ``ClientError`` that names a file that cannot be read or has changed; `RPCStatus` of a call that
    ///   failed for good.
    func run() async throws {
        guard !blobs.isEmpty else { return }
        let sizes = blobs.map(\.digest.size)
        try checkSizes(sizes)
        progress.begin(.transferring, files: blobs.count, bytes: sizes.reduce(0, +))
        let plan = remote.plan(sizes: sizes, by: .batchUpdate)
        _ = try await WorkList.share(
            plan.transfers.count, among: remote.configuration.transfersAtOnce
        ) { list in
            var cursor = FolderCursor(root: tree.local.root)
            while let next = list.take() { try await send(plan.transfers[next.lowerBound], &cursor) }
        }
    }

    private func send(_ transfer: TransferPlan.Transfer, _ cursor: inout FolderCursor) async throws {
        switch transfer {
        case .stream(let number):
            try await sendStream(blobs[number], &cursor)
        case .batch(let numbers):
            guard remote.offered.has(.batchUpdate), try await sendBatch(numbers, &cursor) else {
                for number in numbers { try await sendStream(blobs[number], &cursor) }
                return
            }
        }
    }

    private func checkSizes(_ sizes: [Int]) throws(ClientError) {
        guard let longest = remote.capabilities.longestBlob,
            let tooLong = sizes.firstIndex(where: { $0 > longest })
        else { return }
        throw ClientError(
            .unsupported,
            "“\(Printable.quoting(path(of: blobs[tooLong])))” has \(sizes[tooLong]) bytes; the server \(remote.url) "
                + "takes files of at most \(longest).")
    }

    /// What a blob is in the tree, as the user would write it.
    func path(of blob: LocalBlob) -> String {
        switch blob.source {
        case .file(let number): tree.local.path(ofFile: number)
        case .folder(let number): tree.local.path(ofFolder: number)
        }
    }

    /// What a refusal of one blob means: if the server finds another digest, the file has changed.
    func explain(_ status: RPCStatus, of blob: LocalBlob) -> any Error {
        guard status.code == .invalidArgument, case .file(let number) = blob.source else { return status }
        return (try? hashAgain(number)) == blob.digest ? status : tree.local.changed(number, cause: status)
    }

    /// A file that cannot be hashed again has changed, too.
    private func hashAgain(_ number: Int) throws -> Digest {
        var cursor = FolderCursor(root: tree.local.root)
        let (file, _) = try tree.local.open(number, &cursor)
        let hasher = try ContentHasher(.sha256)
        while true {
            let piece = try pieceBuffers.bytes { (room) throws(SystemError) in
                try file.read(into: room, at: hasher.size)
            }
            hasher.update(piece)
            if piece.count < Self.pieceSize { return hasher.finish() }
        }
    }
}
