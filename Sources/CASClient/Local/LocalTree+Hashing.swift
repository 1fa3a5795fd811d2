// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import Glibc

extension LocalTree {
    /// How many bytes are read at once to be hashed: they stay in a core's own cache.
    private static let hashingBlock = 256 << 10

    /// How many files a worker takes at a time, so that most of them are in one directory.
    private static let filesPerTurn = 16

    /// Hashes all files with one worker a core; notes what each was like.
    ///
    /// - Returns: the digest of each file, in the order of ``files``.
    /// - Throws: ``ClientError`` that names a file that cannot be read or is being written; `CancellationError`.
    mutating func hashFiles(_ progress: TransferProgress) async throws -> [Digest] {
        progress.begin(.hashing, files: files.count, bytes: files.reduce(0) { $0 + $1.stamp.size })
        let tree = self
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let parts = try await WorkList.share(files.count, among: cores) { list in
            var hashed: [HashedFile] = []
            var cursor = FolderCursor(root: tree.root)
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.hashingBlock, alignment: 4096)
            defer { room.deallocate() }
            while let turn = list.take(Self.filesPerTurn) {
                for number in turn {
                    hashed.append(try tree.hash(number, &cursor, room, progress))
                    progress.did(files: 1)
                }
            }
            return hashed
        }
        return noting(parts)
    }

    private struct HashedFile {
        let number: Int
        let digest: Digest
        let stamp: FileStamp
    }

    private mutating func noting(_ parts: [[HashedFile]]) -> [Digest] {
        var digests = [Digest](repeating: .ofNothing, count: files.count)
        for hashed in parts.joined() {
            digests[hashed.number] = hashed.digest
            files[hashed.number].stamp = hashed.stamp
        }
        return digests
    }

    private func hash(
        _ number: Int, _ cursor: inout FolderCursor, _ room: UnsafeMutableRawBufferPointer,
        _ progress: TransferProgress
    ) throws -> HashedFile {
        let (file, status) = try open(number, &cursor)
        let stamp = FileStamp(status)
        let hasher = try ContentHasher(.sha256)
        while true {
            try Task.checkCancellation()
            let count = try ClientError.naming(path(ofFile: number), "read") { () throws(SystemError) in
                try file.read(into: room, at: hasher.size)
            }
            hasher.update(UnsafeRawBufferPointer(rebasing: room[..<count]))
            progress.did(bytes: count)
            if count < room.count { break }
        }
        try check(number, file, isStill: stamp, of: hasher.size)
        return HashedFile(number: number, digest: hasher.finish(), stamp: stamp)
    }

    /// Opens a file to be read; it may have been replaced by something else since the walk.
    func open(_ number: Int, _ cursor: inout FolderCursor) throws(ClientError) -> (OpenFile, stat) {
        let (file, status) = try ClientError.naming(path(ofFile: number), "read") { () throws(SystemError) in
            let file = try cursor.open(files[number].folder, of: folders).openFile(files[number].name)
            return (file, try file.status())
        }
        guard case .file = FileKind(status) else { throw changed(number) }
        return (file, status)
    }

    /// Checks that nobody has written to an open file since it was like `stamp`, and that it had `size` bytes.
    func check(
        _ number: Int, _ file: OpenFile, isStill stamp: FileStamp, of size: Int
    ) throws(ClientError) {
        let status = try ClientError.naming(path(ofFile: number), "examine") { () throws(SystemError) in
            try file.status()
        }
        guard FileStamp(status) == stamp, stamp.size == size else { throw changed(number) }
    }

    /// The error that a file is not what it was.
    func changed(_ number: Int, cause: (any Error)? = nil) -> ClientError {
        ClientError(
            .changedMeanwhile,
            "“\(Printable.quoting(path(ofFile: number)))” changed while it was pushed. Push again when nobody writes it.",
            cause: cause)
    }
}

extension Digest {
    /// The digest of the empty blob.
    static let ofNothing = try! Digest.of(Bytes())
}
