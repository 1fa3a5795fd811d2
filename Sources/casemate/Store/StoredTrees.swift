// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel
import CASStore
import RemoteAPI

/// Goes through trees in a store, and through what they share once.
struct StoredTrees {
    /// Why a tree is not complete.
    struct Incomplete: Error, CustomStringConvertible {
        let description: String
    }

    /// The longest blob that is read as a directory; what is longer, the services take for none.
    private static let largestDirectory = 64 << 20

    private let store: DiskStore
    private var known: Set<Digest> = []

    init(in store: DiskStore) {
        self.store = store
    }

    /// All that `root` reaches and no tree before did, directories before what is in them.
    ///
    /// - Throws: ``Incomplete`` when something is missing or no directory; then the next call does not know of it.
    mutating func reach(from root: Digest) async throws -> [Digest] {
        var new: [Digest] = []
        var seen: Set<Digest> = []
        var pending = [root]
        while let directory = pending.popLast() {
            guard !known.contains(directory), seen.insert(directory).inserted else { continue }
            let children = try await children(of: directory)
            let files = children.files.filter { !known.contains($0) && seen.insert($0).inserted }
            if let missing = try await store.missing(among: files).first {
                throw Incomplete(description: "the blob \(missing) is missing")
            }
            new += [directory] + files
            pending += children.directories
            try Task.checkCancellation()
        }
        known.formUnion(seen)
        return new
    }

    private func children(of directory: Digest) async throws -> DirectoryChildren {
        guard directory.size <= Self.largestDirectory else {
            throw Incomplete(description: "the blob \(directory) is too long for a directory")
        }
        switch await store.readWhole([directory])[0] {
        case .success(let bytes):
            do {
                return try DirectoryChildren(directory: ByteChain(bytes), directory.function)
            } catch {
                throw Incomplete(description: "the blob \(directory) is no directory: \(error)")
            }
        case .failure(let error):
            guard error.code == .notFound || error.code == .corruption else { throw error }
            throw Incomplete(description: "the directory \(directory) is missing")
        }
    }
}
