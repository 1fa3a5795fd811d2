// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CASStore

/// Verifies everything a store holds, while nobody else uses it.
///
/// Without `repairs` nothing is changed, not even last uses.
struct StoreCheck {
    let store: DiskStore
    let repairs: Bool
    let readDirectory: DiskStore.DirectoryReader
    let report: (StoreFinding) -> Void

    var summary = StoreCheckSummary()

    /// The blobs that were found wrong: they count as missing from trees, whether they were dropped or not.
    var damagedKeys: Set<IndexKey> = []

    /// The files of large blobs that records name, and those of them that are verified as live ones.
    var namedFiles: Set<ObjectName> = []
    var liveFiles: Set<ObjectName> = []

    var catalog: BlobCatalog { store.catalog }

    mutating func run() async throws(StoreError) -> StoreCheckSummary {
        try checkIndex()
        try checkSegments()
        try checkFiles()
        try await checkReferences()
        return summary
    }

    /// Slots first: what they held is not in the way of the rest.
    private mutating func checkIndex() throws(StoreError) {
        summary.blobs = catalog.index.count
        let damaged = catalog.index.damagedSlots
        guard damaged > 0 else { return }
        let isRepaired = repairs && catalog.index.dropDamagedSlots() == damaged
        find(.indexSlot, "index/", "whole entries", "\(damaged) damaged", isRepaired: isRepaired)
    }

    /// Reports something wrong.
    mutating func find(
        _ kind: StoreFinding.Kind, _ place: String, _ expected: String, _ found: String, isRepaired: Bool
    ) {
        summary.findings += 1
        if isRepaired { summary.repaired += 1 }
        report(
            StoreFinding(
                kind: kind, place: place, expected: expected, found: found, isRepaired: isRepaired))
    }
}

extension DiskStore {
    /// Reads what an encoded directory names: the store knows no wire format.
    ///
    /// Throws for bytes that encode none.
    public typealias DirectoryReader = @Sendable (Bytes, DigestFunction) throws -> DirectoryContent

    /// The blobs that a directory names.
    public struct DirectoryContent: Sendable {
        /// The contents of the files in it.
        public let files: [Digest]
        /// The directories in it.
        public let directories: [Digest]

        /// A directory that names these.
        public init(files: [Digest], directories: [Digest]) {
            self.files = files
            self.directories = directories
        }
    }

    /// Verifies every record against its checksum and its digest, the index against the segments, and references
    /// against blobs; what is wrong is reported, and dropped if `repairing` says so.
    ///
    /// Nobody else may use the store meanwhile. Reads everything the store holds.
    ///
    /// - Throws: when the system fails, which says nothing about what is stored.
    public func check(
        repairing: Bool, readDirectory: @escaping DirectoryReader,
        report: @escaping (StoreFinding) -> Void
    ) async throws(StoreError) -> StoreCheckSummary {
        var check = StoreCheck(
            store: self, repairs: repairing, readDirectory: readDirectory, report: report)
        return try await check.run()
    }
}
