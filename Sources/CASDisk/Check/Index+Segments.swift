// SPDX-License-Identifier: Apache-2.0

extension Index {
    /// How many entries lead into each segment.
    func entriesBySegment() -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        forEach { counts[$0.place.segment, default: 0] += 1 }
        return counts
    }

    /// The entries that lead into `segment` from `offset` on, in order of their places, `count` of them at most.
    ///
    /// Reads the whole index, so it is for what is rare.
    func entries(in segment: UInt32, from offset: Int, upTo end: Int = .max, atMost count: Int)
        -> [IndexEntry]
    {
        var found: [IndexEntry] = []
        forEach { entry in
            guard entry.place.segment == segment, entry.place.offset >= offset, entry.place.offset < end
            else { return }
            found.append(entry)
            if found.count >= 2 * count { found = Self.first(count, of: found) }
        }
        return Self.first(count, of: found)
    }

    private static func first(_ count: Int, of entries: [IndexEntry]) -> [IndexEntry] {
        Array(entries.sorted { $0.place < $1.place }.prefix(count))
    }
}
