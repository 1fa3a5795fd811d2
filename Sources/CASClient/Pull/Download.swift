// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC

/// Fetches the blobs of a tree into files: small ones in batches, large ones as streams, a few transfers at a time.
///
/// Symlinks are made last, so that nothing is ever written through one.
struct Download: Sendable {
    /// How many bytes are copied at once between files with the same content.
    private static let copyBlock = 1 << 20

    let plan: TreePlan
    let root: Folder
    let remote: Remote
    let progress: TransferProgress
    private let blobs: BlobReader
    private let copyBuffers = BufferPool(bufferSize: copyBlock, keptAtMost: 2)

    init(_ plan: TreePlan, into root: Folder, from remote: Remote, _ progress: TransferProgress) {
        self.plan = plan
        self.root = root
        self.remote = remote
        self.progress = progress
        blobs = BlobReader(remote: remote)
    }

    /// Makes all that the plan has.
    ///
    /// - Throws: ``ClientError`` that names a file that cannot be fetched or written; `RPCStatus`; `CancellationError`.
    func run() async throws {
        progress.begin(
            .transferring, files: plan.files.count, bytes: plan.files.reduce(0) { $0 + $1.digest.size })
        try makeFolders()
        try makeEmptyFiles()
        let transfers = remote.plan(sizes: plan.blobs.map(\.digest.size), by: .batchRead).transfers
        _ = try await WorkList.share(
            transfers.count, among: remote.configuration.transfersAtOnce
        ) { list in
            var cursor = FolderCursor(root: root)
            while let next = list.take() {
                switch transfers[next.lowerBound] {
                case .stream(let number): try await fetchStream(plan.blobs[number], &cursor)
                case .batch(let numbers): try await fetchBatch(numbers, &cursor)
                }
            }
        }
        try makeSymlinks()
    }

    private func makeFolders() throws {
        var cursor = FolderCursor(root: root)
        for number in 1..<max(1, plan.folders.count) {
            try Task.checkCancellation()
            try ClientError.naming(plan.folders.path(of: number), "make") { () throws(SystemError) in
                let parent = try cursor.open(plan.folders.parent(of: number), of: plan.folders)
                try parent.makeFolder(plan.folders.name(of: number))
            }
        }
    }

    private func makeEmptyFiles() throws {
        var cursor = FolderCursor(root: root)
        for number in plan.emptyFiles {
            try Task.checkCancellation()
            _ = try make(number, &cursor)
            progress.did(files: 1)
        }
    }

    private func makeSymlinks() throws {
        var cursor = FolderCursor(root: root)
        for symlink in plan.symlinks {
            try Task.checkCancellation()
            let path = plan.folders.path(of: symlink.name, in: symlink.folder)
            try ClientError.naming(path, "make the symlink") { () throws(SystemError) in
                let folder = try cursor.open(symlink.folder, of: plan.folders)
                try folder.makeSymlink(symlink.name, to: symlink.target)
            }
        }
    }

    private func make(_ number: Int, _ cursor: inout FolderCursor) throws(ClientError) -> OpenFile {
        let file = plan.files[number]
        return try ClientError.naming(plan.path(ofFile: number), "make") { () throws(SystemError) in
            try cursor.open(file.folder, of: plan.folders)
                .makeFile(file.name, isExecutable: file.isExecutable)
        }
    }

    private func fetchBatch(_ numbers: [Int], _ cursor: inout FolderCursor) async throws {
        let digests = numbers.map { plan.blobs[$0].digest }
        let wanted = Dictionary(uniqueKeysWithValues: zip(digests, numbers))
        let describe: BlobReader.Describe = { digest in
            wanted[digest].map { description(of: plan.blobs[$0]) } ?? "a file"
        }
        try await blobs.readBatch(digests, describe) { digest, content in
            guard let number = wanted[digest] else { return }
            for file in plan.files(with: plan.blobs[number]) {
                try write(content, at: 0, to: try make(file, &cursor), file)
                progress.did(files: 1, bytes: content.count)
            }
        }
    }

    private func fetchStream(_ blob: TreePlan.Blob, _ cursor: inout FolderCursor) async throws {
        let first = try make(blob.firstFile, &cursor)
        var offset = 0
        try await blobs.stream(blob.digest, { _ in description(of: blob) }) { piece in
            try Task.checkCancellation()
            try write(piece, at: offset, to: first, blob.firstFile)
            offset += piece.count
            progress.did(bytes: piece.count)
        }
        progress.did(files: 1)
        for file in plan.files(with: blob).dropFirst() {
            try copy(first, of: blob, to: try make(file, &cursor), file)
            progress.did(files: 1)
        }
    }

    private func copy(_ source: OpenFile, of blob: TreePlan.Blob, to target: OpenFile, _ number: Int) throws {
        var offset = 0
        while offset < blob.digest.size {
            try Task.checkCancellation()
            let piece = try ClientError.naming(plan.path(ofFile: blob.firstFile), "read") {
                () throws(SystemError) in
                try copyBuffers.bytes { (room) throws(SystemError) in try source.read(into: room, at: offset)
                }
            }
            guard !piece.isEmpty else {
                throw ClientError(
                    .localFile,
                    "“\(Printable.quoting(plan.path(ofFile: blob.firstFile)))” was cut while it was copied.")
            }
            try write(ByteChain(piece), at: offset, to: target, number)
            offset += piece.count
            progress.did(bytes: piece.count)
        }
    }

    private func write(
        _ content: ByteChain, at offset: Int, to file: OpenFile, _ number: Int
    ) throws(ClientError) {
        try ClientError.naming(plan.path(ofFile: number), "write") { () throws(SystemError) in
            try file.write(content, at: offset)
        }
    }

    private func description(of blob: TreePlan.Blob) -> String {
        "the file “\(Printable.quoting(plan.path(ofFile: blob.firstFile)))”"
    }
}
