// SPDX-License-Identifier: Apache-2.0

import CASStore

extension StoreState {
    /// Where the last settled record of a segment ends, or the end of its file.
    func endOfRecords(in segment: UInt32, _ file: File) throws(StoreError) -> Int {
        let size = try file.orStoreError("look at \(file.path)") { () throws(SystemError) in try file.size() }
        let settled = self[.settledSegment, .settledOffset]
        let end = settled.segment == segment ? min(settled.offset, size) : size
        return max(end, SegmentHeader.byteCount)
    }
}
