// SPDX-License-Identifier: Apache-2.0

@testable import CASDisk

/// What the disk store does: a queue of 64 segments, the oldest of which goes as a whole when space runs short, but for
/// the blobs that ``ReinsertionCutoff`` keeps.
struct SegmentedQueue: SimulatedCache {
    private static let segments = 64

    /// Space is made until this part of the capacity is free.
    private static let headRoom = 1.0 / 32

    /// From here on a blob is a file of its own, and only its record is written again.
    private static let largeBlobSize = 1 << 20

    private struct Segment {
        var blobs: [Int] = []
        var bytes = 0
        var start: UInt32
    }

    private let capacity: Int
    private let sizes: [Int]
    private var used = 0
    private var lastUse: [UInt32?]
    private var segments: [Segment] = []
    private var oldest = 0
    private var policy = ReinsertionCutoff()

    /// The bytes written anew, and those written again because they were kept.
    private(set) var (written, rewritten) = (0, 0)

    /// The bytes written again for each byte written anew.
    var rewrittenPerWritten: Double { Double(rewritten) / Double(max(1, written)) }

    init(capacity: Int, for trace: Trace) {
        self.capacity = capacity
        sizes = trace.sizes
        lastUse = Array(repeating: nil, count: sizes.count)
    }

    mutating func use(_ blob: Int, at time: UInt32) -> Bool {
        let isHit = lastUse[blob] != nil
        guard isHit || sizes[blob] <= capacity else { return false }
        lastUse[blob] = time
        guard !isHit else { return true }
        append(blob, at: time)
        used += sizes[blob]
        written += Self.recordSize(sizes[blob])
        if used > capacity { makeRoom(at: time) }
        return false
    }

    private mutating func makeRoom(at now: UInt32) {
        while used > Int(Double(capacity) * (1 - Self.headRoom)) { evictOldest(at: now) }
    }

    private mutating func evictOldest(at now: UInt32) {
        let victim = segments[oldest]
        segments[oldest].blobs = []
        oldest += 1
        let cutoff = policy.cutoff(now: now, oldest: victim.start)
        var (kept, evicted) = (0, 0)
        for blob in victim.blobs {
            if let lastUse = lastUse[blob], lastUse >= cutoff {
                append(blob, at: now)
                kept += sizes[blob]
                rewritten += Self.recordSize(sizes[blob])
            } else {
                lastUse[blob] = nil
                evicted += sizes[blob]
            }
        }
        used -= evicted
        policy.note(keptBytes: kept, evictedBytes: evicted)
    }

    private mutating func append(_ blob: Int, at now: UInt32) {
        if segments.count == oldest || segments[segments.count - 1].bytes >= capacity / Self.segments {
            segments.append(Segment(start: now))
        }
        segments[segments.count - 1].blobs.append(blob)
        segments[segments.count - 1].bytes += sizes[blob]
    }

    private static func recordSize(_ size: Int) -> Int {
        size < largeBlobSize ? size : 96 + 8 * (size / largeBlobSize)
    }
}
