// SPDX-License-Identifier: Apache-2.0

/// Decides where records go: a plain value without I/O.
struct LogState {
    /// A range of the log that one writer fills.
    struct Reservation: Equatable {
        let place: Place
        let count: Int
        let firstSequence: UInt64
    }

    /// How far the log has come: a place, and the number that the next record there has.
    struct Mark: Equatable {
        let place: Place
        let sequence: UInt64
    }

    /// The segment that is appended to, 0 if there is none.
    private(set) var segment: UInt32 = 0

    /// Where the next record goes.
    private(set) var tail = 0

    /// How far the segment's file has blocks.
    private(set) var allocated = 0

    /// How many bytes the segment's records stand for, with the large files that they name.
    private(set) var bytesStoodFor = 0

    private(set) var nextSequence: UInt64 = 1

    /// Whether nothing more may be appended to the segment.
    private var isSealed = true

    /// Where the ranges begin that are still being filled; in order, as they were handed out in order.
    private var unsettled: [Mark] = []

    /// The log as the last opening left it.
    init(segment: UInt32, tail: Int, allocated: Int, bytesStoodFor: Int, nextSequence: UInt64) {
        self.segment = segment
        self.tail = tail
        self.allocated = allocated
        self.bytesStoodFor = bytesStoodFor
        self.nextSequence = nextSequence
        isSealed = false
    }

    /// The log of a store whose segments, the last with the number `segment`, are left as they are.
    init(afterSegment segment: UInt32, nextSequence: UInt64) {
        self.segment = segment
        self.nextSequence = nextSequence
        isSealed = true
    }

    /// Every record before this place is in the index, or never will be.
    var settled: Mark {
        unsettled.first ?? Mark(place: Place(segment: segment, offset: tail), sequence: nextSequence)
    }

    /// Whether a new segment has to begin before anything is appended.
    func needsSegment(ofAtMost segmentSize: Int) -> Bool {
        isSealed || bytesStoodFor >= segmentSize
    }

    /// The first segment that may still be written to, or whose records may not be in the index yet.
    var firstInUse: UInt32 { unsettled.first?.place.segment ?? (isSealed ? segment + 1 : segment) }

    /// Whether the segment can be left for another: it holds a record, and none is being written.
    var canSeal: Bool { !isSealed && unsettled.isEmpty && tail > SegmentHeader.byteCount }

    /// Lets nothing more be appended to the segment, whose file now ends with the last record.
    mutating func seal() {
        isSealed = true
        allocated = min(allocated, SpaceLedger.blocks(tail))
    }

    /// How many bytes must be allocated before `count` can be reserved.
    func shortfall(for count: Int) -> Int {
        max(0, tail + count - allocated)
    }

    mutating func begin(segment: UInt32, tail: Int, allocated: Int) {
        precondition(segment > self.segment, "segment numbers only rise")
        (self.segment, self.tail, self.allocated, bytesStoodFor) = (segment, tail, allocated, 0)
        isSealed = false
    }

    mutating func allocate(_ count: Int) {
        allocated += count
    }

    /// The next `count` bytes, for so many records, which name files of `objectBytes`.
    mutating func reserve(_ count: Int, records: Int, objectBytes: Int) -> Reservation {
        precondition(shortfall(for: count) == 0 && count % Place.alignment == 0, "space is allocated first")
        let place = Place(segment: segment, offset: tail)
        let reservation = Reservation(place: place, count: count, firstSequence: nextSequence)
        tail += count
        nextSequence += UInt64(records)
        bytesStoodFor += count + objectBytes
        unsettled.append(Mark(place: place, sequence: reservation.firstSequence))
        return reservation
    }

    /// What was reserved is written and in the index, or given up.
    mutating func settle(_ reservation: Reservation) {
        guard let position = unsettled.firstIndex(where: { $0.place == reservation.place }) else {
            preconditionFailure("a reservation is settled once")
        }
        unsettled.remove(at: position)
    }
}
