// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import Foundation

/// A file for each blob, in 256 directories by the first byte of the hash, written under another name and renamed:
/// the layout of bst-artifact-server and of bazel-remote.
struct FilePerBlobStore: RemovingStore {
    private let root: String

    init(at path: String) throws {
        root = path
        for byte in 0...UInt8.max {
            let folder = root + "/" + Self.hexadecimal(byte)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    func put(_ blobs: [WholeBlob]) throws {
        for blob in blobs { try put(blob, syncs: false) }
    }

    /// Keeps a blob; with `syncs` the file and its name are on the disk when this returns.
    func put(_ blob: WholeBlob, syncs: Bool) throws {
        try Self.check(blob)
        let (folder, path) = names(of: blob.digest)
        let temporary = path + ".new"
        let file = try Descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC)
        for slice in blob.content.slices { try file.write(slice) }
        if syncs { try file.sync() }
        guard rename(temporary, path) == 0 else { throw BenchFailure.ofSystem("rename \(temporary)") }
        if syncs { try Descriptor(folder, O_RDONLY | O_DIRECTORY).sync() }
    }

    func get(_ digests: [Digest]) throws -> [Bytes] {
        try digests.map { digest in
            try Descriptor(names(of: digest).path, O_RDONLY).read(digest.size)
        }
    }

    func missing(among digests: [Digest]) throws -> [Digest] {
        digests.filter { access(names(of: $0).path, F_OK) != 0 }
    }

    func remove(_ digests: [Digest]) throws {
        for digest in digests {
            let path = names(of: digest).path
            guard unlink(path) == 0 else { throw BenchFailure.ofSystem("unlink \(path)") }
        }
    }

    func close() {}

    /// - Throws: ``BenchFailure`` when the content of a blob is not what its digest says.
    static func check(_ blob: WholeBlob) throws {
        guard try Digest.of(blob.content) == blob.digest else {
            throw BenchFailure("Expected the content of \(blob.digest), found another.")
        }
    }

    private func names(of digest: Digest) -> (folder: String, path: String) {
        let hash = digest.hexadecimal
        let folder = root + "/" + hash.prefix(2)
        return (folder, folder + "/" + hash)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }
}
