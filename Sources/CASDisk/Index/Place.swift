// SPDX-License-Identifier: Apache-2.0

/// Where a record stands: a segment and a distance from its start.
struct Place: Hashable, Comparable, Sendable {
    /// The unit of offsets: every record begins at a multiple of it.
    static let alignment = 32

    /// The number of the segment; numbers are never used again, and 0 is none.
    var segment: UInt32

    /// The distance from the start of the segment, in bytes.
    var offset: Int

    static func < (left: Place, right: Place) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    /// `count` rounded up to where the next record may begin.
    static func aligned(_ count: Int) -> Int {
        (count + alignment - 1) & ~(alignment - 1)
    }
}
