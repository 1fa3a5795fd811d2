// SPDX-License-Identifier: Apache-2.0

public import CASStore
public import Logging
import Synchronization

/// Keeps blobs, references and action results in a directory (DESIGN.md §5).
///
/// What a call acknowledged survives the death of the process. One store at a time holds a directory. Calls
/// do short blocking I/O on the thread they run on.
public final class DiskStore: Sendable {
    /// What a store is opened with.
    public typealias Configuration = DiskStoreConfiguration

    let catalog: BlobCatalog
    let appender: BlobAppender
    let objects: ObjectFiles
    let uploads: DiskUploads
    let references: ReferenceRecords
    let actionResults: ActionResultRecords
    let barrier = DurabilityBarrier()
    let space: SpaceLedger
    let writes = WriteHealth()
    let writeProbe: WriteProbe
    let largeBlobSize: Int

    private let directory: StoreDirectory
    private let storeState: StoreState
    private let records: RecordDatabase
    private let logger: Logger
    private let isClosed = Mutex(false)

    /// Opens the store in the directory that `configuration` names; it is made if it is not there.
    ///
    /// - Throws: ``StoreError/Code/unusable`` when the directory cannot be written or is something else than
    ///   a store,
    ///   when its format is unknown, when a process holds it, and for a setting that is wrong.
    public static func open(
        _ configuration: Configuration, logger: Logger
    ) throws(StoreError) -> DiskStore {
        try DiskStore(configuration, logger: logger, environment: StoreEnvironment())
    }

    /// The same, in the surroundings that a test makes.
    init(
        _ configuration: Configuration, logger: Logger, environment: StoreEnvironment
    ) throws(StoreError) {
        try configuration.check()
        directory = try StoreDirectory(configuration.root, in: environment)
        let files = directory.files
        let space = SpaceLedger(limit: configuration.maximumSize)
        let state = try StoreState(files)
        let index = try Index(IndexFiles(files: files, space: space), isClean: state.ending == .clean)
        state.compare(entries: index.count)
        let segments = SegmentFiles(files, identity: directory.identity)
        let objects = ObjectFiles(files, space: space, storeState: state)
        writeProbe = WriteProbe(files: files)
        let parking = UploadParking(
            files, objects: objects, space: space, clock: environment.wallClock,
            largeBlobSize: configuration.largeBlobSize)
        let parked = try parking.recover(after: state.ending)
        let log = try Self.openLog(
            configuration, state: state, index: index, segments: segments, objects: objects, space: space,
            writes: writes, removedUploads: parked.removedFiles, logger: logger)
        let catalog = BlobCatalog(
            index: index, segments: segments, objects: objects, clock: environment.wallClock, logger: logger)
        let appender = BlobAppender(log: log, catalog: catalog)
        records = try RecordDatabase(files, space: space, clock: environment.wallClock)
        state.markOpen()
        let largeBlobSize = configuration.largeBlobSize
        uploads = DiskUploads(
            limits: configuration.uploads, parking: parking, writes: writes, clock: environment.uploadClock
        ) {
            (digest) throws(StoreError) in
            try IncomingBlob(digest, largeBlobSize: largeBlobSize, objects: objects, space: space)
        } store: { (content, digest) throws(StoreError) in
            try content.finish(as: digest, to: appender, unlessIn: catalog)
        }
        uploads.restore(parked.parked)
        references = ReferenceRecords(database: records)
        actionResults = ActionResultRecords(database: records)
        storeState = state
        (self.catalog, self.appender, self.objects, self.space) = (catalog, appender, objects, space)
        (self.largeBlobSize, self.logger) = (largeBlobSize, logger)
    }

    private static func openLog(
        _ configuration: Configuration, state: StoreState, index: Index, segments: SegmentFiles,
        objects: ObjectFiles, space: SpaceLedger, writes: WriteHealth, removedUploads: Int,
        logger: Logger
    ) throws(StoreError) -> SegmentLog {
        let recovery = Recovery(
            state: state, segments: segments, index: index, objects: objects, space: space, logger: logger)
        let outcome = try recovery.run()
        let removed = try objects.recount(isClean: state.ending == .clean) { name in
            // What the index lost with the machine's power is not garbage.
            state.ending != .killed || index.find(name.key)?.kind == .object
        }
        if removedUploads + removed > 0 {
            logger.notice(
                "Files that nothing names were removed.",
                metadata: ["uploads": "\(removedUploads)", "objects": "\(removed)"])
        }
        return SegmentLog(
            outcome.log, in: outcome.file, segmentSize: configuration.effectiveSegmentSize,
            segments: segments,
            space: space, writes: writes, storeState: state)
    }

    /// Writes what was gathered and marks the store as whole; a second call does nothing.
    ///
    /// The caller has ended every other call before. Uploads that are open are parked; an opening of the store finds
    /// those that are.
    public func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        do throws(StoreError) {
            uploads.close()
            try records.close()
            try barrier.passBlocking()
            catalog.index.noteCounts()
            storeState.markClosed(entries: catalog.index.count)
        } catch {
            logger.error("The store could not be closed cleanly.", metadata: ["error": "\(error)"])
        }
    }

    /// What the store holds.
    public var figures: DiskStoreFigures {
        DiskStoreFigures(
            blobs: catalog.index.count, usedBytes: space.total, indexBytes: catalog.index.mappedBytes,
            damagedEntries: catalog.damagedEntries)
    }
}
