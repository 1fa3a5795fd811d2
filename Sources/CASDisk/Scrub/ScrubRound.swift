// SPDX-License-Identifier: Apache-2.0

import CASStore

/// How far a scrub has come: the segments, one after the other, and the large blobs that the records just read name.
///
/// A segment may be evicted under it, which is no damage: what led there was taken out of the index before.
struct ScrubRound {
    /// How much of a segment is verified at once.
    static let blockSize = 1 << 20

    /// What a step read, nil if it only found that the round is over, and how many blobs it dropped.
    typealias Outcome = (bytes: Int?, damaged: Int)

    private let catalog: BlobCatalog
    private let state: StoreState
    private let verifier: RecordVerifier

    /// The last segment that was begun; numbers only rise, so that the next one is above it.
    private var number: UInt32 = 0
    private var segment: File?
    private var offset = 0
    private var objects: [IndexEntry] = []
    private var object: ObjectVerification?
    private var damaged = 0

    init(_ catalog: BlobCatalog, _ state: StoreState) {
        self.catalog = catalog
        self.state = state
        verifier = RecordVerifier(catalog)
    }

    mutating func step() -> Outcome {
        damaged = 0
        let bytes = verifyObject() ?? verifySegment()
        return (bytes, damaged)
    }

    // MARK: Large blobs

    private mutating func verifyObject() -> Int? {
        guard object != nil || !objects.isEmpty else { return nil }
        guard let entry = object?.entry ?? objects.popLast() else { return nil }
        do throws(ReadFailure) {
            // It may be gone since its record was read.
            guard catalog.index.entry(of: entry.key)?.sequence == entry.sequence else {
                object = nil
                return 0
            }
            if object == nil { object = try ObjectVerification(of: entry, in: catalog) }
            let count = try object?.verifyNextBlock()
            if count == nil { object = nil }
            return count ?? 0
        } catch {
            object = nil
            drop(entry, because: error)
            return 0
        }
    }

    // MARK: Segments

    /// Nil when there is no further segment, after which the next round begins.
    private mutating func verifySegment() -> Int? {
        guard let file = segment ?? nextSegment() else {
            number = 0
            return nil
        }
        segment = file
        do throws(StoreError) {
            let end = min(try endOfRecords(file), offset + Self.blockSize)
            guard offset < end else {
                segment = nil
                return 0
            }
            return try verify(offset..<end, of: file)
        } catch {
            // What the system refuses says nothing about the bytes; the next round tries again.
            segment = nil
            return 0
        }
    }

    private mutating func nextSegment() -> File? {
        // A directory that cannot be listed now can be in the next round.
        guard let numbers = try? catalog.segments.numbers() else { return nil }
        for next in numbers where next > number {
            number = next
            // One that was removed since is passed over.
            guard let file = try? File(catalog.segments.path(next), .read, on: catalog.segments.files.system)
            else { continue }
            offset = SegmentHeader.byteCount
            return file
        }
        return nil
    }

    private mutating func verify(_ range: Range<Int>, of file: File) throws(StoreError) -> Int {
        var scan = SegmentScan(segment: number, identity: catalog.segments.identity, file: file)
        scan.windowSize = Self.blockSize
        var part = SegmentVerification(scan, verifier)
        offset = try part.run(in: range)
        for damage in part.damages { drop(damage.entry, because: .damaged(damage.reason)) }
        objects += part.objects
        if part.strayBytes > 0 { verifyEntries(leadingTo: range) }
        return offset - range.lowerBound
    }

    /// Verifies the entries that lead where not all bytes belong to whole records, each by itself.
    private mutating func verifyEntries(leadingTo range: Range<Int>) {
        let most = Self.blockSize / Place.alignment
        for entry in catalog.index.entries(
            in: number, from: range.lowerBound, upTo: range.upperBound, atMost: most)
        {
            do {
                _ = try catalog.record(of: entry)
            } catch {
                drop(entry, because: error)
            }
        }
    }

    private func endOfRecords(_ file: File) throws(StoreError) -> Int {
        try state.endOfRecords(in: number, file)
    }

    private mutating func drop(_ entry: IndexEntry, because failure: ReadFailure) {
        switch failure {
        case .failed: break  // It says nothing about the bytes.
        case .damaged(let reason): if catalog.drop(entry, because: reason) { damaged += 1 }
        }
    }
}
