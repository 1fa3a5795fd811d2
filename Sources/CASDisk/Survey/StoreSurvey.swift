// SPDX-License-Identifier: Apache-2.0

public import CASStore

/// Looks at the files of a store without changing any, also while a process works on them.
///
/// The numbers are of slightly different moments then. The index is read, not mapped, and its marks counted.
struct StoreSurvey {
    private let files: StoreFiles
    private let identity: UInt64
    private let clock: WallClock
    private var statistics = StoreStatistics()

    /// - Throws: ``StoreError/Code/unusable`` when there is no store at `root`.
    init(_ root: String, in environment: StoreEnvironment) throws(StoreError) {
        files = StoreFiles(root: root, on: environment.system, records: environment.records)
        guard let identity = try StoreDirectory.identity(files) else {
            throw StoreError(.unusable, "There is no store at \(root).")
        }
        self.identity = identity
        clock = environment.wallClock
        statistics.root = root
    }

    mutating func run() throws(StoreError) -> StoreStatistics {
        statistics.holder = try StoreDirectory.holder(files)
        try readState()
        try readSegments()
        try readObjects()
        try readUploads()
        try readIndex()
        try readRecords()
        return statistics
    }

    private mutating func readState() throws(StoreError) {
        let state = try StoreState.peek(files)
        statistics.maximumSize = state.maximumSize
        statistics.ending =
            if statistics.holder != nil {
                .open
            } else {
                switch state.ending {
                case .unknown: .unknown
                case .clean: .clean
                case .killed: .killed
                case .powerLost: .powerLost
                }
            }
    }

    private mutating func readSegments() throws(StoreError) {
        let segments = SegmentFiles(files, identity: identity, clock: clock)
        let numbers = try segments.numbers()
        statistics.segments = numbers.count
        for number in numbers { statistics.bytes.segments += size(segments.path(number)) }
        // One that was evicted since gives way to the next.
        for number in numbers {
            guard let file = try? File(segments.path(number), .read, on: files.system) else { continue }
            statistics.oldestSegmentBegun = try file.orStoreError("read \(file.path)") {
                () throws(SystemError) in try segments.begunAt(number, in: file).map(Int.init)
            }
            return
        }
    }

    private mutating func readObjects() throws(StoreError) {
        for directory in try files.names(in: files.objects) {
            // What is no directory holds no objects.
            for text in (try? files.names(in: "\(files.objects)/\(directory)")) ?? [] {
                guard let name = ObjectName(text) else { continue }
                statistics.largeBlobs += 1
                statistics.bytes.objects += SpaceLedger.blocks(name.storedSize)
            }
        }
    }

    private mutating func readUploads() throws(StoreError) {
        let names = try files.names(in: files.uploads)
        statistics.uploads = names.count { $0.hasSuffix(ParkedFiles.suffix) }
        for name in names { statistics.bytes.uploads += size("\(files.uploads)/\(name)") }
    }

    private mutating func readIndex() throws(StoreError) {
        var newest: [Int: IndexTable.Counts] = [:]
        for name in try files.names(in: files.index) {
            guard let (shard, _) = IndexFiles.parse(name) else { continue }
            statistics.bytes.index += size("\(files.index)/\(name)")
            // Names are in order, so a later one of a shard is newer; one that was replaced since is gone.
            guard let file = try? File("\(files.index)/\(name)", .read, on: files.system),
                let counts = try IndexTable.counts(in: file)
            else { continue }
            newest[shard] = counts
        }
        var mapped = 0
        for counts in newest.values {
            statistics.index.entries += counts.entries
            statistics.index.deleted += counts.deleted
            statistics.index.slots += counts.capacity
            mapped += SpaceLedger.blocks(IndexTable.fileSize(capacity: counts.capacity))
        }
        statistics.blobs = statistics.index.entries
        guard statistics.blobs > 0 else { return }
        statistics.index.bytesPerEntry = Double(mapped) / Double(statistics.blobs)
    }

    private mutating func readRecords() throws(StoreError) {
        for suffix in ["", "-wal", "-shm"] { statistics.bytes.records += size(files.records + suffix) }
        guard statistics.bytes.records > 0 else { return }
        let hasLog = size(files.records + "-wal") > 0
        let counts = try RecordDatabase.count(files.records, isClosed: statistics.holder == nil && !hasLog)
        (statistics.references, statistics.actionResults) = counts
    }

    /// What a file occupies; one that is gone by now, nothing.
    private func size(_ path: String) -> Int {
        (try? files.system.size(of: path)).map(SpaceLedger.blocks) ?? 0
    }
}

extension StoreStatistics {
    /// What is in the store at `root`; nothing is changed, and a process may hold it.
    ///
    /// - Throws: ``StoreError/Code/unusable`` when there is no store there, or one of a format that is not known.
    public static func ofStore(at root: String) throws(StoreError) -> StoreStatistics {
        var survey = try StoreSurvey(root, in: StoreEnvironment())
        return try survey.run()
    }
}
