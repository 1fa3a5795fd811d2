// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting

@testable import CASDisk

extension StoreHistory {
    /// Does the next thing.
    func step() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: try await storeBatch()
        case 30..<42: try await upload(drawBlob(), from: nil)
        case 42..<48: try await resume()
        case 48..<60: try await read()
        case 60..<66: try await look()
        case 66..<76: try await updateReference()
        case 76..<80: try await updateResult()
        case 80..<84: try await forget()
        case 84..<87: try await observeNames()
        case 87..<89: rot()
        case 89..<91: try takeCheckpoint()
        case 91: try evict()
        case 92..<95: try await restart(after: nil)
        case 95..<98: try await restart(after: drawEnding())
        default: changeSpace()
        }
        noteSyncFailures()
        try noteEvictions()
    }

    // MARK: Blobs

    private func drawBlob() -> WholeBlob {
        if happens(0.25), let known = blobs.blobs.randomElement(using: &random) { return known }
        let blob = random.blob(size: drawSize())
        blobs.introduce(blob)
        return blob
    }

    private func drawSize() -> Int {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: Int.random(in: 1...3_000, using: &random)
        case 6..<9: Int.random(in: 3_000...30_000, using: &random)
        default: Int.random(in: 30_000...150_000, using: &random)
        }
    }

    private func storeBatch() async throws {
        let offered = (0..<Int.random(in: 1...6, using: &random)).map { _ in drawBlob() }
        let isWrong = offered.map { _ in happens(0.08) }
        note("store \(offered.map(\.digest.size)), wrong \(isWrong.filter { $0 }.count)")
        let given = zip(offered, isWrong).map { blob, isWrong in
            isWrong ? WholeBlob(blob.digest, wrong(blob.content)) : blob
        }
        let before = disk.counts
        let results = await store.storeWhole(given)
        for (position, result) in results.enumerated() {
            let digest = given[position].digest
            switch result {
            case .success where isWrong[position]:
                throw Violation("wrong content was taken for \(digest)")
            case .success:
                acknowledge(digest)
            case .failure(let error):
                if isWrong[position] {
                    guard error.code == .mismatch else { throw Violation("\(error) for wrong content") }
                } else {
                    blobs.offer(digest)
                    try excuse(error, since: before)
                }
            }
        }
    }

    private func wrong(_ content: ByteChain) -> ByteChain {
        guard happens(0.5) else { return content[0..<(content.count - 1)] }
        return ByteChain(random.bytes(content.count))
    }

    /// The store said that it has the blob; a process that died said nothing.
    func acknowledge(_ digest: Digest) {
        guard !disk.isDead else { return blobs.offer(digest) }
        blobs.acknowledge(digest, isPromised: plan.promisesBlobs)
    }

    /// Sends a blob as a stream, from the start or from where an unfinished one stopped.
    func upload(
        _ blob: WholeBlob, from unfinished: (UploadKey, offset: Int)?, since before: DiskCounts? = nil,
        mayBeLost: Bool = false
    ) async throws {
        lastUpload += 1
        let key =
            unfinished?.0
            ?? UploadKey(
                instance: .unnamed, identifier: "u\(lastUpload)", digest: blob.digest, compressor: .identity)
        let isWrong = happens(0.1)
        let before = before ?? disk.counts
        note("upload \(blob.digest.size) from \(unfinished?.offset ?? 0), wrong \(isWrong)")
        do {
            let upload = try await store.openUpload(key, at: unfinished?.offset ?? 0)
            try await send(blob, isWrong: isWrong, over: upload, key)
        } catch let error as StoreError {
            blobs.offer(blob.digest)
            if isWrong, error.code == .mismatch { return }
            // What was parked before the process ended may turn out to be lost.
            if mayBeLost, error.code == .superseded { return }
            try excuse(error, since: before)
        }
    }

    private func send(
        _ blob: WholeBlob, isWrong: Bool, over upload: any BlobUpload, _ key: UploadKey
    ) async throws {
        let start = upload.receivedBytes
        // What was sent before may have been wrong, so only an upload that began here can be right.
        let rest = blob.content[start..<blob.content.count].joined()
        for slice in random.cut(isWrong ? random.bytes(rest.count) : rest, longest: 40_000).slices {
            try await upload.append(ByteChain(slice))
            guard happens(0.1) else { continue }
            return await pause(upload, blob, isWrong: isWrong, key)
        }
        try await upload.finish()
        guard !isWrong || rest.isEmpty else { throw Violation("wrong content was taken for \(blob.digest)") }
        acknowledge(blob.digest)
    }

    private func pause(_ upload: any BlobUpload, _ blob: WholeBlob, isWrong: Bool, _ key: UploadKey) async {
        let received = upload.receivedBytes
        let before = disk.counts
        guard happens(0.7) else {
            note("discard at \(received)")
            return await upload.discard()
        }
        note("park at \(received)")
        await upload.park()
        guard !isWrong else { return }
        let isKept = disk.counts.failures == before.failures && !disk.isDead
        unfinished.append(UnfinishedUpload(key: key, blob: blob, kept: isKept ? received : nil))
    }

    private func resume() async throws {
        guard let position = unfinished.indices.randomElement(using: &random) else { return }
        let upload = unfinished.remove(at: position)
        let before = disk.counts
        let kept = await store.keptBytes(of: upload.key)
        note("resume at \(kept.map(String.init) ?? "the start")")
        if let expected = upload.kept, kept != expected {
            throw Violation("\(expected) bytes of an upload were kept, found \(kept as Any)")
        }
        try await self.upload(
            upload.blob, from: (upload.key, offset: kept ?? 0), since: before, mayBeLost: upload.kept == nil)
    }

    private func read() async throws {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let blob = blobs.blobs.randomElement(using: &random) else { return }
            note("read \(blob.digest)")
            try await read(blob)
        }
    }

    private func look() async throws {
        note("look for all")
        try await checkPresence()
    }

    // MARK: Eviction

    private func evict() throws {
        note("an eviction")
        _ = store.evict(to: EvictionGoal.Target(usedAtMost: store.space.total * 3 / 4))
    }

    /// Takes note of what eviction let go, and of what it found damaged: not more than it says.
    func noteEvictions() throws(Violation) {
        let (before, figures) = (notedLosses, store.figures)
        notedLosses = figures.evictedBlobs + figures.damagedEntries
        let evicted = notedLosses - before
        guard evicted > 0 || disk.isDead else { return }
        // Names that were used as little go, too, and what the dead did nobody knows.
        for key in references.keys { references[key]?.attempt(nil, after: []) }
        for key in results.keys { results[key]?.attempt(nil, after: []) }
        guard !disk.isDead else {
            if evicted > 0 { blobs.excuseAll() }
            return
        }
        let gone = blobs.certain.filter { store.catalog.index.find(IndexKey(of: $0)) == nil }
        guard gone.count <= evicted else {
            throw Violation("\(evicted) blobs were evicted or damaged, \(gone.count) are gone")
        }
        note("gone: \(gone)")
        for digest in gone { blobs.excuse(digest) }
    }

    // MARK: The disk

    private func takeCheckpoint() throws {
        let before = disk.counts
        note("a checkpoint")
        do throws(StoreError) {
            try store.checkpoint()
        } catch {
            return try excuse(error, since: before)
        }
        guard isTrusted else { throw Violation("a checkpoint was taken after a sync that failed") }
        if !disk.isDead { blobs.promise(blobs.certain) }
    }

    private func rot() {
        guard plan.kind == .rot else { return }
        let folder = ["segments", "objects"].randomElement(using: &random) ?? ""
        guard disk.rot(below: "\(HistoryPlan.root)/\(folder)") else { return }
        note("a bit turns in \(folder)")
        isRotten = true
        blobs.excuseAll()
    }

    private func changeSpace() {
        guard plan.kind == .fullDisk else { return }
        let isFull = happens(0.5)
        note(isFull ? "the disk is full" : "there is space again")
        disk.set(capacity: isFull ? disk.usedBlocks + Int.random(in: 0...3, using: &random) : plan.capacity)
    }

    /// If a sync failed, anything that was not promised before may be lost.
    func noteSyncFailures() {
        guard disk.counts.syncFailures > notedSyncFailures else { return }
        notedSyncFailures = disk.counts.syncFailures
        note("a sync failed")
        blobs.doubtUnpromised()
    }
}
