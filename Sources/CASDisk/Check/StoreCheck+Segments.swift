// SPDX-License-Identifier: Apache-2.0

import CASStore

extension StoreCheck {
    /// How many entries of a segment that is not as it should be are looked at one by one, at once.
    private static let entriesAtOnce = 1 << 16

    /// Reads every segment from front to back, then looks at each entry that this did not come by.
    mutating func checkSegments() throws(StoreError) {
        let numbers = try catalog.segments.numbers()
        let entries = catalog.index.entriesBySegment()
        summary.segments = numbers.count
        for number in numbers { try checkSegment(number, entries: entries[number] ?? 0) }
        for (number, count) in entries.sorted(by: { $0.key < $1.key }) where !numbers.contains(number) {
            try loseSegment(number, entries: count)
        }
    }

    private mutating func checkSegment(_ number: UInt32, entries: Int) throws(StoreError) {
        let file = try catalog.segments.files.open(catalog.segments.path(number), .read)
        try checkHeader(number, file)
        let scan = SegmentScan(segment: number, identity: catalog.segments.identity, file: file)
        var segment = SegmentVerification(scan, RecordVerifier(catalog))
        var named: Set<ObjectName> = []
        _ = try segment.run(
            in: SegmentHeader.byteCount..<(try store.storeState.endOfRecords(in: number, file))
        ) { header in
            if header.kind == .object { named.insert(header.objectName) }
        }
        namedFiles.formUnion(named)
        summary.records += segment.records
        summary.deadRecords += segment.records - segment.liveRecords
        summary.strayBytes += segment.strayBytes
        summary.bytesRead += segment.bytesRead
        for damage in segment.damages { lose(damage.entry, because: damage.reason) }
        for object in segment.objects { try check(object: object) }
        if segment.liveRecords < entries { try checkEntries(of: number) }
    }

    private mutating func checkHeader(_ number: UInt32, _ file: File) throws(StoreError) {
        guard try !hasHeader(number, file) else { return }
        if repairs {
            let writable = try catalog.segments.files.open(file.path, .readAndWrite)
            try catalog.segments.writeHeader(number, to: writable)
        }
        find(
            .segmentHeader, name(number), "the header of segment \(number) of this store", "something else",
            isRepaired: repairs)
    }

    private func hasHeader(_ number: UInt32, _ file: File) throws(StoreError) -> Bool {
        do throws(SystemError) {
            return try catalog.segments.begunAt(number, in: file) != nil
        } catch {
            guard error == .unreadable else { throw .system(error, doing: "read \(file.path)") }
            return false
        }
    }

    private mutating func check(object entry: IndexEntry) throws(StoreError) {
        summary.largeBlobs += 1
        var name: ObjectName?
        do {
            var object = try ObjectVerification(of: entry, in: catalog)
            name = object.name
            liveFiles.insert(object.name)
            while let count = try object.verifyNextBlock() { summary.bytesRead += count }
        } catch {
            switch error {
            case .damaged(let reason): lose(entry, because: reason)
            case .failed(let failure): throw failure
            }
            if repairs, let name { try catalog.objects.remove(name) }
        }
    }

    /// Looks at every entry that leads into the segment: some of them lead to no whole record.
    private mutating func checkEntries(of number: UInt32) throws(StoreError) {
        var offset = 0
        while true {
            let entries = catalog.index.entries(in: number, from: offset, atMost: Self.entriesAtOnce)
            guard let last = entries.last else { return }
            for entry in entries where !damagedKeys.contains(entry.key) { try check(entry) }
            offset = last.place.offset + 1
        }
    }

    private mutating func check(_ entry: IndexEntry) throws(StoreError) {
        do {
            _ = try RecordVerifier(catalog).verify(entry)
        } catch {
            switch error {
            case .damaged(let reason): lose(entry, because: reason)
            case .failed(let failure): throw failure
            }
        }
    }

    private mutating func loseSegment(_ number: UInt32, entries count: Int) throws(StoreError) {
        var dropped = 0
        var offset = 0
        while true {
            let entries = catalog.index.entries(in: number, from: offset, atMost: Self.entriesAtOnce)
            guard let last = entries.last else { break }
            for entry in entries {
                damagedKeys.insert(entry.key)
                if drop(entry) { dropped += 1 }
            }
            offset = last.place.offset + 1
        }
        find(
            .missingSegment, name(number), "a segment with \(count) records that the index names",
            "no such file", isRepaired: dropped == count)
    }

    private mutating func lose(_ entry: IndexEntry, because reason: String) {
        damagedKeys.insert(entry.key)
        let kind: StoreFinding.Kind =
            switch entry.kind {
            case .blob: .blob
            case .object: .largeBlob
            }
        find(
            kind, "\(name(entry.place.segment)) at \(entry.place.offset)",
            "\(entry.key.hexadecimal), \(entry.size) bytes", reason, isRepaired: drop(entry))
    }

    /// Takes `entry` out if this repairs.
    private func drop(_ entry: IndexEntry) -> Bool {
        repairs && catalog.index.remove(entry.key, sequence: entry.sequence)
    }

    private func name(_ segment: UInt32) -> String {
        String(catalog.segments.path(segment).dropFirst(catalog.segments.files.root.count + 1))
    }
}
