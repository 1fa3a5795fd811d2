// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import RemoteAPI

/// Goes through the directories of a tree breadth first, each distinct one once, many at a time.
///
/// The order is the same each time for a tree of which the same directories are present. Remembers the digests of
/// all directories, and the content of none.
struct TreeWalk {
    /// A directory that the walk came to.
    enum Visit {
        case directory(Digest, content: Bytes, DirectoryChildren)
        case missing(Digest)
        /// A blob that is no directory, or too long to be looked at.
        case malformed(Digest)
    }

    private let blobs: any BlobStore
    private let limits: TreeLimits
    /// The directories that are as deep as the next one to visit, and from where they are yet to be visited.
    private var level: [Digest]
    private var position = 0
    private var nextLevel: [Digest] = []
    private var seen: Set<Digest>

    /// A walk from `root`, which it visits first.
    init(from root: Digest, in blobs: any BlobStore, _ limits: TreeLimits) {
        self.blobs = blobs
        self.limits = limits
        level = [root]
        seen = [root]
    }

    /// The next directories, or nil when there are no more.
    ///
    /// - Throws: ``MalformedValue`` when the tree has more directories than the limits allow; what the store throws.
    mutating func next() async throws -> [Visit]? {
        if position == level.count {
            guard !nextLevel.isEmpty else { return nil }
            level = nextLevel
            nextLevel = []
            position = 0
        }
        let group = takeGroup()
        var contents = await blobs.readWhole(group.filter { isReadable($0) }).makeIterator()
        return try group.map { digest in
            guard isReadable(digest), let content = contents.next() else { return .malformed(digest) }
            return try visit(digest, content)
        }
    }

    private func isReadable(_ digest: Digest) -> Bool { digest.size <= limits.maximumDirectorySize }

    private mutating func takeGroup() -> [Digest] {
        var end = position
        var bytes = 0
        while end < level.count, end - position < limits.directoriesAtOnce {
            bytes += isReadable(level[end]) ? level[end].size : 0
            guard end == position || bytes <= limits.bytesAtOnce else { break }
            end += 1
        }
        defer { position = end }
        return Array(level[position..<end])
    }

    private mutating func visit(_ digest: Digest, _ content: Result<Bytes, StoreError>) throws -> Visit {
        guard let bytes = try content.present() else { return .missing(digest) }
        guard let children = Self.children(of: bytes, digest.function) else { return .malformed(digest) }
        for child in children.directories where seen.insert(child).inserted { nextLevel.append(child) }
        guard seen.count <= limits.maximumDirectories else {
            throw MalformedValue("The tree has more than \(limits.maximumDirectories) directories.")
        }
        return .directory(digest, content: bytes, children)
    }

    private static func children(of bytes: Bytes, _ function: DigestFunction) -> DirectoryChildren? {
        // What is wrong with it does not matter to anybody: the tree is not whole.
        try? DirectoryChildren(directory: ByteChain(bytes), function)
    }
}
