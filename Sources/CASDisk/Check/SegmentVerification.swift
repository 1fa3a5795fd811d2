// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Reads a part of a segment and verifies the records in it that the index leads to.
///
/// Records that nothing leads to are only counted: what is wrong with them harms nobody, and what a process wrote
/// when it died is one of them.
struct SegmentVerification {
    /// A blob whose stored bytes are wrong.
    struct Damage {
        let entry: IndexEntry
        let reason: String
    }

    private(set) var records = 0
    private(set) var liveRecords = 0
    private(set) var bytesRead = 0
    /// How many bytes belong to no whole record.
    private(set) var strayBytes = 0
    private(set) var damages: [Damage] = []
    /// The large blobs among the live ones: their files are yet to be verified.
    private(set) var objects: [IndexEntry] = []

    private let scan: SegmentScan
    private let verifier: RecordVerifier

    init(_ scan: SegmentScan, _ verifier: RecordVerifier) {
        self.scan = scan
        self.verifier = verifier
    }

    /// Verifies the records that begin in `range`, and calls `body` with each, live or not; returns where the last
    /// of them ends, or the end of the range if that is later.
    mutating func run(
        in range: Range<Int>, _ body: (RecordHeader) -> Void = { _ in }
    ) throws(StoreError) -> Int {
        bytesRead += range.count
        var visit = self
        // What the device cannot read holds no whole record; the entries that lead there tell which blobs it took.
        let outcome = try scan.forEachRecord(in: range) { (header, place, payload) throws(StoreError) in
            body(header)
            visit.take(header, place, payload)
        }
        self = visit
        records += outcome.records
        strayBytes += outcome.skippedBytes
        return max(outcome.end, range.upperBound)
    }

    private mutating func take(_ header: RecordHeader, _ place: Place, _ payload: UnsafeRawBufferPointer) {
        guard verifier.isLive(header, at: place) else { return }
        liveRecords += 1
        let entry = header.entry(at: place)
        do {
            switch header.kind {
            case .blob: try verifier.verify(header, payload: payload)
            case .object: objects.append(entry)
            }
        } catch {
            switch error {
            case .damaged(let reason): damages.append(Damage(entry: entry, reason: reason))
            case .failed: break  // Comparing what is in memory asks nothing of the system.
            }
        }
    }
}
