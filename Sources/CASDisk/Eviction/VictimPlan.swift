// SPDX-License-Identifier: Apache-2.0

/// What a segment holds, by what would become of it: a plain value without I/O.
struct VictimPlan: Equatable {
    /// The size of the segment's file.
    let fileSize: Int

    /// What the records of kept blobs take when they are appended again.
    private(set) var keptRecordBytes = 0

    /// The bytes that kept records stand for, with the large files that they name.
    private(set) var keptBytes = 0

    /// The same of the blobs that would go.
    private(set) var evictedBytes = 0

    /// What the files of large blobs occupy that would go.
    private(set) var freedFileBytes = 0

    init(fileSize: Int) {
        self.fileSize = fileSize
    }

    mutating func keep(_ header: RecordHeader) {
        keptRecordBytes += header.recordSize
        keptBytes += header.recordSize + header.objectBytes
    }

    mutating func evict(_ header: RecordHeader) {
        evictedBytes += header.recordSize + header.objectBytes
        freedFileBytes += SpaceLedger.blocks(header.objectBytes)
    }

    /// Counts a file that no record in use names.
    mutating func removeOrphan(_ header: RecordHeader) {
        freedFileBytes += SpaceLedger.blocks(header.objectBytes)
    }

    /// How many bytes more are free when it is done.
    var gain: Int {
        SpaceLedger.blocks(fileSize) - SpaceLedger.blocks(SegmentHeader.byteCount + keptRecordBytes)
            + freedFileBytes
    }
}
