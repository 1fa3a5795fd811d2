// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel
import CASStore

/// References of a store on their way into an archive, with everything their trees hold.
struct ArchiveExport {
    /// How many small blobs are read at once, and how many bytes of them.
    private static let blobsAtOnce = 256
    private static let bytesAtOnce = 4 << 20

    private let store: DiskStore
    private var trees: StoredTrees
    private var references: [ArchivedReference] = []
    private var content: [Digest] = []

    init(of store: DiskStore) {
        self.store = store
        trees = StoredTrees(in: store)
    }

    /// How many blobs there are, and their bytes.
    var blobs: Int { content.count }
    var bytes: Int { content.reduce(0) { $0 + $1.size } }

    /// Takes in what `key` names.
    ///
    /// - Throws: a ``StoreFailure`` when it names nothing, or a tree that is not complete.
    mutating func add(_ key: ReferenceKey, in instance: InstanceName) async throws {
        guard let root = try await store.reference(key, in: instance) else {
            throw StoreFailure("There is no reference \(MalformedValue.quoted(key.text)) in the store.")
        }
        do {
            content += try await trees.reach(from: root)
        } catch let problem as StoredTrees.Incomplete {
            throw StoreFailure("The tree of \(MalformedValue.quoted(key.text)) is not complete: \(problem).")
        }
        references.append(ArchivedReference(instance: instance, key: key, root: root))
    }

    /// Writes the archive; the references come last.
    func write(to output: ByteOutput) async throws {
        let tar = TarWriter(output)
        try await tar.write(Archive.versionName, Bytes(utf8: Archive.versionLine))
        var rest = content[...]
        while !rest.isEmpty {
            let group = Self.group(of: rest)
            try await write(group, to: tar)
            rest = rest[group.endIndex...]
            try Task.checkCancellation()
        }
        let lines = references.map(\.line).joined()
        try await tar.write(Archive.referencesName, Bytes(utf8: lines))
        try tar.finish()
        try output.keep()
    }

    /// As many blobs as are read at once, or a single large one.
    private static func group(of blobs: ArraySlice<Digest>) -> ArraySlice<Digest> {
        var bytes = 0
        let fitting = blobs.prefix(blobsAtOnce).prefix { blob in
            bytes += blob.size
            return bytes <= bytesAtOnce
        }
        return fitting.isEmpty ? blobs.prefix(1) : fitting
    }

    private func write(_ group: ArraySlice<Digest>, to tar: TarWriter) async throws {
        if group.count == 1, let only = group.first { return try await stream(only, to: tar) }
        for (blob, content) in zip(group, await store.readWhole(Array(group))) {
            try await tar.write(Archive.name(of: blob), try content.get())
        }
    }

    private func stream(_ blob: Digest, to tar: TarWriter) async throws {
        let reader = try await store.reader(of: blob, from: 0)
        try await tar.write(Archive.name(of: blob), size: blob.size) { try await reader.next() }
    }
}
