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
    let room: RoomMaker
    let largeBlobSize: Int

    private let directory: StoreDirectory
    private let storeState: StoreState
    private let evictor: Evictor
    let log: SegmentLog
    let records: RecordDatabase
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
        let freeSpace: @Sendable () -> Int? = { [isAsked = configuration.eviction.minimumFree != nil] in
            // What the system does not tell is no reason to refuse or to evict.
            isAsked ? try? files.system.freeSpace(at: files.root) : nil
        }
        let space = SpaceLedger(configuration.evictionGoal, freeSpace: freeSpace)
        let dirtyFiles = DirtyFiles(on: environment.system)
        let state = try StoreState(files)
        let index = try Index(IndexFiles(files: files, space: space), isClean: state.ending == .clean)
        state.compare(entries: index.count)
        let segments = SegmentFiles(
            files, identity: directory.identity, clock: environment.wallClock)
        let objects = ObjectFiles(files, space: space, storeState: state)
        let log = try Self.openLog(
            configuration, state: state, index: index, segments: segments, objects: objects, space: space,
            logger: logger)
        let catalog = BlobCatalog(
            index: index, segments: segments, objects: objects, clock: environment.wallClock, logger: logger)
        let appender = BlobAppender(log: log, catalog: catalog)
        let records = try RecordDatabase(
            files, space: space, clock: environment.wallClock, maximumSize: configuration.maximumSize)
        let evictor = Evictor(
            configuration, SegmentEviction.Parts(catalog: catalog, log: log, dirtyFiles: dirtyFiles),
            space: space, freeSpace: freeSpace, logger: logger)
        let trimming = RecordTrimming(records: records, catalog: catalog, logger: logger)
        let room = RoomMaker(evictor) { trimming.run(before: $0.goneBefore) }
        state.markOpen()
        let largeBlobSize = configuration.largeBlobSize
        uploads = DiskUploads(limits: configuration.uploads, clock: environment.uploadClock, room: room) {
            (digest) throws(StoreError) in
            try IncomingBlob(digest, largeBlobSize: largeBlobSize, objects: objects, space: space)
        } store: { (content, digest) throws(StoreError) in
            try content.store(as: digest, to: appender, unlessIn: catalog)
        }
        references = ReferenceRecords(database: records)
        actionResults = ActionResultRecords(database: records)
        storeState = state
        (self.catalog, self.appender, self.objects, self.space) = (catalog, appender, objects, space)
        (self.largeBlobSize, self.logger) = (largeBlobSize, logger)
        (self.records, self.room, self.evictor, self.log) = (records, room, evictor, log)
        if environment.hasThreads { room.start() }
        space.whenShort { [weak room] in room?.wake() }
        room.wake()  // The limits may be others than at the last opening.
    }

    deinit {
        room.stop()  // A thread would go on in a directory that another store may hold.
    }

    /// Runs a pass of eviction if there is reason for one, or until `target` is reached; returns what it came
    /// to. Without threads of the store's own, nothing else runs one but a request that finds no room.
    @discardableResult
    func evict(to target: EvictionGoal.Target? = nil) -> Evictor.Outcome {
        room.run(to: target)
    }

    private static func openLog(
        _ configuration: Configuration, state: StoreState, index: Index, segments: SegmentFiles,
        objects: ObjectFiles, space: SpaceLedger, logger: Logger
    ) throws(StoreError) -> SegmentLog {
        let recovery = Recovery(
            state: state, segments: segments, index: index, objects: objects, space: space, logger: logger)
        let outcome = try recovery.run()
        let uploads = try objects.removeLeftoverUploads()
        let removed = try objects.recount(isClean: state.ending == .clean) { name in
            // What the index lost with the machine's power is not garbage.
            state.ending != .killed || index.find(name.key)?.kind == .object
        }
        if uploads + removed > 0 {
            logger.notice(
                "Files that nothing names were removed.",
                metadata: ["uploads": "\(uploads)", "objects": "\(removed)"])
        }
        return SegmentLog(
            outcome.log, in: outcome.file, segmentSize: configuration.effectiveSegmentSize,
            segments: segments,
            space: space, storeState: state)
    }

    /// Writes what was gathered and marks the store as whole; a second call does nothing.
    ///
    /// The caller has ended every other call before; uploads that are open or parked are lost.
    public func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        space.whenShort(nil)
        room.stop()
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
        let queue = evictor.queue
        return DiskStoreFigures(
            blobs: catalog.index.count, usedBytes: space.total, indexBytes: catalog.index.mappedBytes,
            damagedEntries: catalog.damagedEntries, segments: queue.segments,
            oldestSegmentAge: queue.oldestAge, evicted: evictor.tally)
    }
}
