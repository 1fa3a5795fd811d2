// SPDX-License-Identifier: Apache-2.0

public import CASStore
public import Logging
import Synchronization

/// Keeps blobs, references and action results in a directory (DESIGN.md §5).
///
/// What a call acknowledged survives the death of the process, and as ``Durability`` says the loss of power. One store at a time holds a directory. Calls
/// do short blocking I/O on the thread they run on.
public final class DiskStore: Sendable {
    /// What a store is opened with.
    public typealias Configuration = DiskStoreConfiguration

    let catalog: BlobCatalog
    let appender: BlobAppender
    let uploads: DiskUploads
    let references: ReferenceRecords
    let actionResults: ActionResultRecords
    let commits: GroupCommit
    let records: RecordDatabase
    let checkpoints: Checkpoints
    let dirty: DirtyFiles
    let space: SpaceLedger
    let writes: WriteHealth
    let writeProbe: WriteProbe
    let room: RoomMaker
    let largeBlobSize: Int
    let scrub: Scrub?

    let storeState: StoreState

    private let directory: StoreDirectory
    let log: SegmentLog

    private let maintenance: Maintenance
    private let evictor: Evictor
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

    /// Opens the store that is in the directory `root`, with the maximum size that the last server gave it, for
    /// somebody who works on it alone.
    ///
    /// - Parameter ignoringLimit: whether more may be stored than that size, for as long as it is open.
    /// - Throws: ``StoreError/Code/unusable`` also when there is no store, unless `makingOne` says to make it.
    public static func openAlone(
        _ root: String, makingOne: Bool = false, ignoringLimit: Bool = false, logger: Logger
    ) throws(StoreError) -> DiskStore {
        var environment = StoreEnvironment()
        // Nothing happens by itself then: nothing is evicted while it is checked.
        environment.hasThreads = false
        let files = StoreFiles(root: root, on: environment.system)
        var configuration = Configuration(root: root)
        if try StoreDirectory.identity(files) != nil {
            configuration.maximumSize = try StoreState.peek(files).maximumSize
        } else if !makingOne {
            throw StoreError(.unusable, "There is no store at \(root).")
        }
        let limit = configuration.maximumSize
        if ignoringLimit {
            configuration.segmentSize = configuration.effectiveSegmentSize
            configuration.maximumSize = nil
        }
        let store = try DiskStore(configuration, logger: logger, environment: environment)
        store.storeState[.maximumSize] = UInt64(limit ?? 0)
        return store
    }

    /// The same, in the surroundings that a test makes.
    init(
        _ configuration: Configuration, logger: Logger, environment: StoreEnvironment
    ) throws(StoreError) {
        try configuration.check()
        directory = try StoreDirectory(configuration.root, in: environment)
        let files = directory.files
        var configuration = configuration
        if configuration.maximumSize == nil, configuration.segmentSize == nil {
            // What the system does not tell leaves the largest.
            let capacity = try? files.system.capacity(at: files.root)
            configuration.segmentSize = capacity.map(Configuration.segmentSize(ofStore:))
        }
        let freeSpace: @Sendable () -> Int? = { [isAsked = configuration.eviction.minimumFree != nil] in
            // What the system does not tell is no reason to refuse or to evict.
            isAsked ? try? files.system.freeSpace(at: files.root) : nil
        }
        let space = SpaceLedger(configuration.evictionGoal, freeSpace: freeSpace)
        let state = try StoreState(files)
        let dirty = DirtyFiles(on: environment.system) { state.noteFailure() }
        writes = WriteHealth { dirty.failure }
        writeProbe = WriteProbe(files: files)
        let foundation = try Self.openIndex(
            files, identity: directory.identity, state: state, space: space, dirty: dirty)
        let catalog = BlobCatalog(
            index: foundation.index,
            segments: SegmentFiles(files, identity: directory.identity, clock: environment.wallClock),
            objects: ObjectFiles(files, space: space, storeState: state, dirty: dirty),
            clock: environment.wallClock, logger: logger)
        log = try Self.openLog(
            configuration, state: state, checkpoint: foundation.last, catalog: catalog, space: space,
            dirty: dirty, writes: writes, logger: logger)
        checkpoints = Checkpoints(
            foundation.checkpoints, after: foundation.last, log: log, index: catalog.index, dirty: dirty)
        let appender = BlobAppender(log: log, catalog: catalog, dirty: dirty)
        records = try RecordDatabase(
            files, space: space, clock: environment.wallClock, maximumSize: configuration.maximumSize)
        commits = GroupCommit(
            durability: configuration.durability, dirty: dirty, records: records,
            hasThread: environment.hasThreads)
        evictor = Evictor(
            configuration, SegmentEviction.Parts(catalog: catalog, log: log, dirtyFiles: dirty),
            space: space, freeSpace: freeSpace, logger: logger)
        let trimming = RecordTrimming(records: records, catalog: catalog, logger: logger)
        room = RoomMaker(evictor) { trimming.run(before: $0.goneBefore) }
        let largeBlobSize = configuration.largeBlobSize
        let parking = UploadParking(
            files, objects: catalog.objects, space: space, clock: environment.wallClock,
            largeBlobSize: largeBlobSize)
        let parked = try parking.recover(after: state.ending)
        if parked.removedFiles > 0 {
            logger.notice(
                "Unfinished uploads were removed.", metadata: ["files": "\(parked.removedFiles)"])
        }
        uploads = DiskUploads(
            limits: configuration.uploads, parking: parking, commits: commits, writes: writes, room: room,
            clock: environment.uploadClock
        ) {
            (digest) throws(StoreError) in
            try IncomingBlob(digest, largeBlobSize: largeBlobSize, objects: catalog.objects, space: space)
        } store: { (content, digest) throws(StoreError) in
            try content.store(as: digest, to: appender, unlessIn: catalog)
        }
        uploads.restore(parked.parked)
        room.whenNothingMayGo { [weak uploads] in uploads?.dropOldestParked() ?? 0 }
        references = ReferenceRecords(database: records, commits: commits)
        actionResults = ActionResultRecords(database: records, commits: commits)
        maintenance = Maintenance(
            checkpoints: checkpoints, log: log, commits: commits, uploads: uploads, dirty: dirty,
            logger: logger)
        storeState = state
        scrub = configuration.scrubBytesPerSecond.map {
            Scrub(catalog, state, bytesPerSecond: $0, clock: environment.wallClock)
        }
        (self.catalog, self.appender, self.space, self.dirty) = (catalog, appender, space, dirty)
        (self.largeBlobSize, self.logger) = (largeBlobSize, logger)
        try begin(after: state.ending)
        state[.maximumSize] = UInt64(configuration.maximumSize ?? 0)
        if environment.hasThreads {
            maintenance.start()
            room.start()
            scrub?.start()
        }
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

    /// Notes that the store is in use; what a recovery found out is not to be found out again.
    private func begin(after ending: StoreState.Ending) throws(StoreError) {
        try storeState.markOpen()
        switch ending {
        case .clean, .killed: break
        case .powerLost, .unknown: try checkpoints.take()
        }
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
        scrub?.stop()
        space.whenShort(nil)
        room.stop()
        do throws(StoreError) {
            maintenance.stop()
            uploads.close()
            commits.close()
            try records.close()
            catalog.index.noteCounts()
            try checkpoints.take()
            try storeState.markClosed(entries: catalog.index.count)
        } catch {
            logger.error("The store could not be closed cleanly.", metadata: ["error": "\(error)"])
        }
    }

    /// What the scrub of this store came to, nil if there is none.
    public var scrubFigures: ScrubFigures? { scrub?.figures }

    /// Takes a checkpoint now, which bounds what is read again after a loss of power.
    func checkpoint() throws(StoreError) {
        try checkpoints.take()
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
