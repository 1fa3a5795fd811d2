// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting

@testable import CASDisk

extension StoreHistory {
    /// Whether every sync since the opening succeeded: what a failed one did not write may be lost.
    var isTrusted: Bool { disk.counts.syncFailures == countsAtOpening.syncFailures }

    /// Whether the store may refuse to promise anything: it does once the disk did not take something.
    private var hasGivenUp: Bool {
        !isTrusted
            || store.dirty.failure != nil && disk.counts.failures > countsAtOpening.failures
    }

    /// - Throws: ``Violation`` unless something happened since `before` that explains the error.
    func excuse(_ error: StoreError, since before: DiskCounts) throws(Violation) {
        let now = disk.counts
        let isExcused =
            switch error.code {
            case .noSpace: now.noSpace > before.noSpace || plan.configuration.maximumSize != nil
            case .failed: now.failures - now.noSpace > before.failures - before.noSpace || hasGivenUp
            // What was kept of an upload could not be read again.
            case .superseded: now.failures > before.failures
            case .notFound, .mismatch, .outOfRange, .corruption, .unusable: false
            }
        guard isExcused || disk.isDead else { throw Violation("an error without a cause: \(error)") }
    }

    // MARK: Blobs

    /// Holds everything that can be asked against what was acknowledged.
    ///
    /// - Parameter isOnDisk: whether the store read everything from the medium just now.
    func checkAll(isOnDisk: Bool) async throws {
        try await observeNames()
        disk.set(.calm)
        try await checkPresence()
        for blob in blobs.blobs { try await read(blob) }
        if isOnDisk { blobs.promise(blobs.certain) }
        try checkDamage()
        try checkBooks()
        try checkLeftovers()
    }

    /// That what is certain is there, and what was never offered is not.
    func checkPresence() async throws {
        let before = disk.counts
        let missing: Set<Digest>
        do throws(StoreError) {
            missing = Set(try await store.missing(among: blobs.digests))
        } catch {
            return try excuse(error, since: before)
        }
        for digest in blobs.digests {
            try check(digest, isMissing: missing.contains(digest))
        }
    }

    private func check(_ digest: Digest, isMissing: Bool) throws(Violation) {
        // What a process says after its death nobody hears.
        guard !disk.isDead else { return }
        switch (blobs.presence(of: digest), isMissing) {
        case (.certain(let isPromised), true):
            throw Violation("\(digest) was acknowledged\(isPromised ? " and promised" : "") and is missing")
        case (.absent, false):
            throw Violation("\(digest) is said to be here and was never offered")
        case (.possible, false):
            // Who hears that it is here need not send it before naming it.
            blobs.acknowledge(digest, isPromised: false)
        case (.certain, false), (.absent, true), (.possible, true):
            break
        }
    }

    /// Reads a blob in one of the ways there are, and looks whether the answer is one of the right ones.
    func read(_ blob: WholeBlob) async throws {
        let offset = happens(0.4) ? Int.random(in: 0...blob.digest.size, using: &random) : nil
        let before = disk.counts
        do {
            let missing = try await store.missing(among: [blob.digest])
            try check(blob.digest, isMissing: !missing.isEmpty)
            let content = try await content(of: blob.digest, from: offset)
            try check(content, of: blob, from: offset ?? 0, isMissing: !missing.isEmpty)
        } catch let error as StoreError {
            try check(error, of: blob.digest, since: before)
        }
    }

    private func check(
        _ content: Bytes, of blob: WholeBlob, from offset: Int, isMissing: Bool
    ) throws(Violation) {
        guard !isMissing else { throw Violation("\(blob.digest) is missing and yet can be read") }
        guard content == blob.content[offset..<blob.digest.size].joined() else {
            throw Violation("\(blob.digest) was read with \(content.count) bytes, which are wrong")
        }
    }

    private func check(_ error: StoreError, of digest: Digest, since before: DiskCounts) throws(Violation) {
        switch error.code {
        case .notFound, .corruption:
            guard blobs.presence(of: digest).isCertain else { return }
            guard mayBeDamaged || disk.isDead || disk.counts.readFailures > before.readFailures else {
                throw Violation("\(digest) is not missing, and cannot be read: \(error)")
            }
            note("\(digest) turns out to be damaged")
            if !disk.isDead { blobs.excuse(digest) }
        case .failed, .mismatch, .outOfRange, .superseded, .unusable, .noSpace:
            try excuse(error, since: before)
        }
    }

    /// Whether stored bytes may be wrong without a fault of the store.
    private var mayBeDamaged: Bool { isRotten || !isTrusted || wasOpenedInDoubt }

    private func content(of digest: Digest, from offset: Int?) async throws(StoreError) -> Bytes {
        guard let offset else { return try await store.readWhole([digest])[0].get() }
        let reader = try await store.reader(of: digest, from: offset)
        var chain = ByteChain()
        while let piece = try await reader.next() { chain.append(piece) }
        return chain.joined()
    }

    // MARK: The store as a whole

    /// That entries were dropped only with an excuse.
    private func checkDamage() throws(Violation) {
        let damaged = store.figures.damagedEntries
        guard damaged == 0 || mayBeDamaged || disk.counts.readFailures > countsAtOpening.readFailures else {
            throw Violation("\(damaged) entries led to something damaged")
        }
    }

    /// That the store counts what it occupies, to the block.
    func checkBooks() throws(Violation) {
        // What could not be removed or cut stays until the next opening, and is not counted.
        guard disk.counts.metadataFailures == countsAtOpening.metadataFailures else { return }
        for (folder, use) in [
            ("segments", SpaceLedger.Use.segments), ("objects", .objects), ("uploads", .uploads),
            ("index", .index),
        ] {
            let occupied = disk.occupied(below: "\(HistoryPlan.root)/\(folder)")
            guard occupied == store.space.used(for: use) else {
                throw Violation("\(folder) occupies \(occupied) bytes, counted \(store.space.used(for: use))")
            }
        }
    }

    /// That every file is one that the store needs, after an opening.
    private func checkLeftovers() throws {
        guard disk.counts.metadataFailures == countsAtOpening.metadataFailures else { return }
        let uploads = Set(disk.sizes(below: "\(HistoryPlan.root)/uploads").keys)
        for path in uploads {
            let other = path.hasSuffix(".key") ? String(path.dropLast(4)) : path + ".key"
            guard uploads.contains(other) else { throw Violation("\(path) is no parked upload") }
        }
        try checkObjects()
    }

    /// That every object is what an entry leads to.
    private func checkObjects() throws {
        guard plan.kind.isWithoutFailures else { return }
        for path in disk.sizes(below: "\(HistoryPlan.root)/objects").keys.sorted() {
            guard let name = ObjectName(String(path.split(separator: "/").last ?? "")),
                let entry = store.catalog.index.find(name.key), entry.kind == .object,
                let (header, _) = try? store.catalog.record(of: entry), header.objectName == name
            else { throw Violation("no entry leads to the object \(path)") }
        }
    }

    /// Stores every blob once more: whatever was lost heals.
    func storeAllAgain() async throws {
        for blob in blobs.blobs {
            let before = disk.counts
            do throws(StoreError) {
                try await store.storeWhole([blob])[0].get()
                acknowledge(blob.digest)
            } catch {
                try excuse(error, since: before)
            }
            try await read(blob)
        }
    }
}
