// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASServices
import RemoteAPI
import SwiftProtobuf

/// A blob with its digest.
struct Content: Sendable {
    let bytes: Bytes
    let digest: Digest

    init(_ bytes: Bytes) {
        self.bytes = bytes
        digest = try! Digest.of(bytes)
    }

    init(_ text: String) {
        self.init(Bytes(utf8: text))
    }

    /// A blob of `size` bytes that looks like no other of the same `salt`.
    init(size: Int, salt: Int = 0) {
        self.init(Bytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ salt) }))
    }

    init(_ message: some Message) {
        self.init(Bytes(try! message.serializedBytes() as [UInt8]))
    }

    /// A directory with these children.
    init(files: [String: Digest] = [:], directories: [String: Digest] = [:]) {
        self.init(
            Directory.with {
                $0.files = files.sorted { $0.key < $1.key }.map { name, digest in
                    .with {
                        $0.name = name
                        $0.digest = message(digest)
                    }
                }
                $0.directories = directories.sorted { $0.key < $1.key }.map { name, digest in
                    .with {
                        $0.name = name
                        $0.digest = message(digest)
                    }
                }
            })
    }
}

func message(_ digest: Digest) -> DigestMessage {
    .with {
        $0.hash = digest.hexadecimal
        $0.sizeBytes = Int64(digest.size)
    }
}

/// A tree of two levels with a shared subdirectory.
struct SmallTree {
    let file = Content("a file")
    let other = Content("another file")
    let shared: Content
    let left: Content
    let right: Content
    let root: Content

    init() {
        shared = Content(files: ["f": file.digest])
        left = Content(files: ["o": other.digest], directories: ["s": shared.digest])
        right = Content(directories: ["s": shared.digest])
        root = Content(files: ["f": file.digest], directories: ["l": left.digest, "r": right.digest])
    }

    var all: [Content] { [file, other, shared, left, right, root] }

    /// The directories, breadth first.
    var directories: [Content] { [root, left, right, shared] }

    func keep(in cache: CacheServer, without missing: Content? = nil) async throws {
        for content in all where content.digest != missing?.digest { try await cache.keep(content) }
    }
}
