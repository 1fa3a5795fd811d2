// SPDX-License-Identifier: Apache-2.0

import Logging

/// What a recovery found and did.
struct RecoveryOutcome {
    /// Whole records that were read again.
    var records = 0
    /// Entries that the index got from them.
    var added = 0
    /// Entries that the index had and that were not trusted, or whose file is gone.
    var dropped = 0
    /// Large blobs of which the record is whole and the file is not.
    var torn = 0
    /// Bytes of segments that belong to no whole record.
    var skippedBytes = 0
    /// Segments without any record, and objects and uploads that nothing names.
    var filesRemoved = 0
    /// The highest number among the records that were read.
    var highestSequence: UInt64 = 0

    /// Says it in one line.
    func log(_ reason: String, took duration: Duration, to logger: Logger) {
        logger.notice(
            "The store was not closed cleanly: \(reason). The index was brought up to the log.",
            metadata: [
                "records": "\(records)", "added": "\(added)", "dropped": "\(dropped)",
                "torn large blobs": "\(torn)", "bytes without a record": "\(skippedBytes)",
                "files removed": "\(filesRemoved)", "took": "\(duration)",
            ])
    }
}
