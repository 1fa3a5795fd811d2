// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Testing

@testable import CASDisk

struct SegmentTests {
    private static let identity: UInt64 = 0x1234_5678_9abc_def0

    /// A segment file with records of `contents`, one batch, and where each begins.
    private static func segment(
        _ directory: TemporaryDirectory, number: UInt32, _ contents: [Bytes]
    ) throws -> (file: File, entries: [IndexEntry], end: Int) {
        let segments = SegmentFiles(
            StoreFiles(root: directory.path, on: OperatingSystem()), identity: identity)
        try segments.files.makeDirectory(segments.files.segments)
        let (made, file) = try segments.create(after: number - 1)
        try file.allocate(from: 0, count: 8 << 20)
        try segments.writeHeader(made, to: file)
        let blobs = try contents.map { content in
            let digest = try Digest.of(content)
            return BlobAppender.SmallBlob(digest, key: IndexKey(of: digest), content: ByteChain(content))
        }
        let reservation = LogState.Reservation(
            place: Place(segment: made, offset: 32), count: 0, firstSequence: 5)
        let batch = RecordBatch(blobs[...], at: reservation, of: identity, usedAt: 3)
        try file.write(batch.vector, at: 32)
        return (file, batch.entries, 32 + blobs.reduce(0) { $0 + $1.recordSize })
    }

    private static func scan(_ file: File, number: UInt32, upTo end: Int) throws -> (
        [IndexEntry], SegmentScan.Outcome
    ) {
        var found: [IndexEntry] = []
        let scan = SegmentScan(segment: number, identity: identity, file: file)
        let outcome = try scan.forEach(in: 0..<end) { header, place in found.append(header.entry(at: place)) }
        return (found, outcome)
    }

    @Test func `a scan finds every record of a batch`() throws {
        var random = SeededRandom(seed: 1)
        let contents = [1, 31, 32, 33, 4_000, 4_096, 900_000, 5].map { random.bytes($0) }
        let directory = try TemporaryDirectory()
        let (file, entries, end) = try Self.segment(directory, number: 1, contents)
        let (found, outcome) = try Self.scan(file, number: 1, upTo: end)
        #expect(found == entries)
        #expect(outcome.end == end)
        #expect(entries.map(\.sequence) == Array(5..<13))
    }

    @Test func `a torn record and a hole hide only themselves`() throws {
        var random = SeededRandom(seed: 2)
        let contents = (0..<20).map { _ in random.bytes(Int.random(in: 1...60_000, using: &random)) }
        let directory = try TemporaryDirectory()
        let (file, entries, _) = try Self.segment(directory, number: 7, contents)
        let zeros = [UInt8](repeating: 0, count: 100)
        // The header of one, a part of the payload of another.
        try zeros.withUnsafeBytes { try file.write($0, at: entries[4].place.offset) }
        try zeros.withUnsafeBytes {
            try file.write($0, at: entries[9].place.offset + 96 + entries[9].payloadSize / 2)
        }
        let (found, _) = try Self.scan(file, number: 7, upTo: 8 << 20)
        #expect(found == entries.filter { $0 != entries[4] && $0 != entries[9] })
    }

    @Test func `records inside of a blob, or of another place, do not count`() throws {
        var random = SeededRandom(seed: 3)
        let directory = try TemporaryDirectory()
        let (file, _, end) = try Self.segment(directory, number: 1, [random.bytes(500), random.bytes(600)])
        var copy = [UInt8](repeating: 0, count: end)
        _ = try copy.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        // A blob that is a copy of a segment, of which the record loses its header.
        let (other, entries, otherEnd) = try Self.segment(directory, number: 2, [Bytes(copy)])
        try [UInt8](repeating: 0, count: 96).withUnsafeBytes {
            try other.write($0, at: entries[0].place.offset)
        }
        #expect(try Self.scan(other, number: 2, upTo: otherEnd).0.isEmpty)
        #expect(try Self.scan(file, number: 3, upTo: end).0.isEmpty)
    }

    @Test func `what is before the first open reservation is settled`() {
        var log = LogState(afterSegment: 3, nextSequence: 10)
        #expect(log.needsSegment(ofAtMost: 1_000))
        log.begin(segment: 4, tail: 32, allocated: 4_096)
        let first = log.reserve(96, records: 1, objectBytes: 0)
        let second = log.reserve(192, records: 2, objectBytes: 500)
        #expect((first.firstSequence, second.firstSequence, log.nextSequence) == (10, 11, 13))
        log.settle(second)
        #expect(log.settled == LogState.Mark(place: first.place, sequence: 10))
        #expect(!log.needsSegment(ofAtMost: 1_000) && log.needsSegment(ofAtMost: 788))
        log.begin(segment: 5, tail: 32, allocated: 4_096)
        #expect(log.settled.place == Place(segment: 4, offset: 32))
        log.settle(first)
        #expect(log.settled == LogState.Mark(place: Place(segment: 5, offset: 32), sequence: 13))
        #expect(log.shortfall(for: 4_096) == 32)
    }
}
