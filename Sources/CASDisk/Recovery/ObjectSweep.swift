// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Brings the index and the files under `objects/` to agree: an entry without its file is dropped, a file that no
/// entry's record names is removed.
struct ObjectSweep {
    let catalog: BlobCatalog

    /// What was done.
    struct Outcome {
        var entriesDropped = 0
        var filesRemoved = 0
    }

    /// After the death of the process: a blob leaves the index before its file goes, so every entry has its file,
    /// and only the files are looked at.
    func removeUnnamed() throws(StoreError) -> Outcome {
        var outcome = Outcome()
        for name in try catalog.objects.recount() {
            guard !mayBeNamed(name) else { continue }
            try catalog.objects.remove(name)
            outcome.filesRemoved += 1
        }
        return outcome
    }

    private func mayBeNamed(_ name: ObjectName) -> Bool {
        guard let entry = catalog.index.find(name.key), entry.kind == .object else { return false }
        // Only a record that was appended again names a file of another number than its own.
        guard entry.sequence != name.sequence else { return true }
        // What cannot be read just now may name the file: it stays.
        guard let (header, _) = try? catalog.record(of: entry) else { return true }
        return header.objectName == name
    }

    /// After a loss of power, which may have taken either.
    func run() throws(StoreError) -> Outcome {
        var outcome = Outcome()
        let names = try catalog.objects.recount()
        var unclaimed = Set(names)
        let known = Dictionary(grouping: names, by: \.key)
        for entry in objectEntries() {
            guard let name = name(of: entry, among: known[entry.key] ?? []) else {
                if catalog.index.remove(entry.key, sequence: entry.sequence) { outcome.entriesDropped += 1 }
                continue
            }
            unclaimed.remove(name)
        }
        for name in unclaimed {
            try catalog.objects.remove(name)
            outcome.filesRemoved += 1
        }
        return outcome
    }

    private func objectEntries() -> [IndexEntry] {
        var entries: [IndexEntry] = []
        catalog.index.forEach { if $0.kind == .object { entries.append($0) } }
        return entries
    }

    /// The one of `candidates` that the record of `entry` names, or nil.
    private func name(of entry: IndexEntry, among candidates: [ObjectName]) -> ObjectName? {
        // Only a record that was appended again names a file of another number than its own.
        if let name = candidates.first(where: { $0.sequence == entry.sequence }) { return name }
        guard !candidates.isEmpty, let (header, _) = try? catalog.record(of: entry) else { return nil }
        return candidates.first { $0 == header.objectName }
    }
}
