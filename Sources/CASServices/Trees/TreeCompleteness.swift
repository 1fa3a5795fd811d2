// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import RemoteAPI
internal import Synchronization

/// Tells whether everything that a tree reaches is present, and touches it.
///
/// What a tree reaches follows from its digest and cannot change. So the digests are remembered, within limits, and a
/// tree that was walked lately costs no more than asking the store whether they are still there.
final class TreeCompleteness: Sendable {
    private let blobs: any BlobStore
    private let limits: TreeLimits
    private let remembered: Mutex<RememberedTrees>

    init(of blobs: any BlobStore, _ limits: TreeLimits) {
        self.blobs = blobs
        self.limits = limits
        remembered = Mutex(RememberedTrees(limits))
    }

    /// Whether `root` and all that it reaches are present.
    func isWhole(_ root: Digest) async throws -> Bool {
        if let reached = remembered.withLock({ $0.reached(from: root) }) {
            return try await arePresent(reached)
        }
        guard let reached = try await walk(from: root) else { return false }
        remembered.withLock { $0.remember(reached, from: root) }
        return true
    }

    /// Whether the blob `tree` is present, an encoded `Tree`, and all files in it are present.
    func isWhole(tree: Digest) async throws -> Bool {
        guard tree.size <= limits.maximumDirectorySize else { return false }
        guard let content = try await blobs.readWhole([tree])[0].present() else { return false }
        // A blob that is no tree is not whole, whatever is wrong with it.
        guard let children = try? DirectoryChildren(tree: ByteChain(content), tree.function) else {
            return false
        }
        return try await arePresent(children.files)
    }

    /// Whether all of `digests` are present.
    func arePresent(_ digests: [Digest]) async throws -> Bool {
        for start in stride(from: 0, to: digests.count, by: limits.blobsAtOnce) {
            let group = digests[start..<min(start + limits.blobsAtOnce, digests.count)]
            guard try await blobs.missing(among: Array(group)).isEmpty else { return false }
        }
        return true
    }

    /// All that `root` reaches, or nil if some of it is missing.
    private func walk(from root: Digest) async throws -> ReachedDigests? {
        var walk = TreeWalk(from: root, in: blobs, limits)
        var reached = ReachedDigests(upTo: limits.rememberedDigests)
        var files: [Digest] = []
        do {
            while let visits = try await walk.next() {
                for visit in visits {
                    guard case .directory(let digest, _, let children) = visit else { return nil }
                    reached.add([digest])
                    reached.add(children.files)
                    files += children.files
                }
                guard files.count >= limits.blobsAtOnce else { continue }
                guard try await arePresent(files) else { return nil }
                files = []
            }
        } catch is MalformedValue {
            return nil
        }
        return try await arePresent(files) ? reached : nil
    }
}
