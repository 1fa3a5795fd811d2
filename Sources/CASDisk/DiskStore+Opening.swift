// SPDX-License-Identifier: Apache-2.0

import CASStore
import Logging

extension DiskStore {
    /// What is opened first: the index, with the last checkpoint.
    typealias Foundation = (index: Index, checkpoints: CheckpointFile, last: Checkpoint?)

    /// The index as far as it can be trusted.
    static func openIndex(
        _ files: StoreFiles, identity: UInt64, state: StoreState, space: SpaceLedger, dirty: DirtyFiles
    ) throws(StoreError) -> Foundation {
        let indexFiles = IndexFiles(files: files, space: space, dirty: dirty)
        let checkpoints: CheckpointFile
        let last: Checkpoint?
        do {
            checkpoints = try CheckpointFile(files, identity: identity, dirty: dirty)
            last = try checkpoints.newest()
        } catch {
            throw .system(error, doing: "open \(files.checkpoint)")
        }
        if let index = try trusted(indexFiles, last, state) { return (index, checkpoints, last) }
        // Before the files go: an index that is half made again must not be taken for the one that was.
        try state.distrustIndex()
        do {
            try checkpoints.clear()
        } catch {
            throw .system(error, doing: "clear \(files.checkpoint)")
        }
        let index = try Index(indexFiles, .nothing, checkpoint: nil)
        return (index, checkpoints, nil)
    }

    /// The index as far as the last ending lets it be trusted, or nil when everything has to be read again.
    private static func trusted(
        _ files: IndexFiles, _ last: Checkpoint?, _ state: StoreState
    ) throws(StoreError) -> Index? {
        do throws(StoreError) {
            switch state.ending {
            case .clean:
                let index = try Index(files, .newest(withCounts: true), checkpoint: last)
                return UInt64(index.count) == state[.entries] ? index : nil
            case .killed:
                return try Index(files, .newest(withCounts: false), checkpoint: last)
            case .powerLost, .unknown:
                return try last.map { (last) throws(StoreError) in
                    try Index(files, .checkpoint, checkpoint: last)
                }
            }
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The log where it goes on, once the index was brought up to it.
    static func openLog(
        _ configuration: Configuration, state: StoreState, checkpoint: Checkpoint?, catalog: BlobCatalog,
        space: SpaceLedger, dirty: DirtyFiles, writes: WriteHealth, logger: Logger
    ) throws(StoreError) -> SegmentLog {
        let recovery = Recovery(
            state: state, checkpoint: checkpoint, catalog: catalog, space: space, logger: logger)
        let found = try recovery.run()
        switch state.ending {
        case .clean: break
        case .killed, .powerLost, .unknown:
            try UnsyncedFiles(catalog: catalog, checkpoint: checkpoint, dirty: dirty).note()
        }
        return SegmentLog(
            found.log, in: found.file, segmentSize: configuration.effectiveSegmentSize,
            segments: catalog.segments, space: space, writes: writes, storeState: state, dirty: dirty)
    }
}
