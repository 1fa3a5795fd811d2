// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import Synchronization

/// Random calls of several tasks on a few blobs.
///
/// The model is what any order of the calls allows: what was acknowledged before a call began, the call finds; what
/// nobody had begun to store when it ended, it does not find.
final class ConcurrentSchedule: Sendable {
    let store: any BlobStore
    let blobs: [WholeBlob]
    private let progress = Mutex(Progress())

    struct Progress {
        var begun: Set<Digest> = []
        var acknowledged: Set<Digest> = []
    }

    init(store: any BlobStore, random: inout SeededRandom) {
        self.store = store
        let sizes =
            [1 << 20 - 1, 1 << 20, 1 << 20 + 1, 100_000]
            + (0..<20).map { _ in
                Int.random(in: 8...10_000, using: &random)
            }
        blobs = sizes.map { size in
            let blob = random.blob(size: size)
            return WholeBlob(blob.digest, random.cut(blob.content.joined(), longest: size / 2))
        }
    }

    var acknowledged: Set<Digest> { progress.withLock { $0.acknowledged } }

    var begun: Set<Digest> { progress.withLock { $0.begun } }

    func begin(_ blob: WholeBlob) {
        progress.withLock { _ = $0.begun.insert(blob.digest) }
    }

    func acknowledge(_ blob: WholeBlob) {
        progress.withLock { _ = $0.acknowledged.insert(blob.digest) }
    }

    /// What is there when all tasks have ended.
    func checkEnd() async throws {
        for blob in blobs where acknowledged.contains(blob.digest) { try await store.mustHave(blob) }
        for blob in blobs where !begun.contains(blob.digest) { try await store.mustLack(blob.digest) }
    }
}

extension ConcurrentSchedule {
    /// One of the tasks.
    struct Worker {
        private let schedule: ConcurrentSchedule
        private let store: any BlobStore
        private let name: Int
        private var random: SeededRandom
        private var uploadNumber = 0

        init(_ schedule: ConcurrentSchedule, name: Int, random: SeededRandom) {
            self.schedule = schedule
            self.store = schedule.store
            self.name = name
            self.random = random
        }

        mutating func step() async throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<2: try await storeBatch()
            case 2..<4: try await upload(anyBlob(), identifier: ownIdentifier())
            case 4: try await upload(anyBlob(), identifier: "shared")
            case 5: try await uploadWrong(anyBlob())
            case 6: try await findMissing()
            case 7: try await readWhole()
            default: try await stream(anyBlob())
            }
            await Task.yield()
        }

        private mutating func anyBlob() -> WholeBlob { schedule.blobs.randomElement(using: &random)! }

        private mutating func ownIdentifier() -> String {
            uploadNumber += 1
            return "\(name)-\(uploadNumber)"
        }

        private mutating func storeBatch() async throws {
            let blobs = (0..<Int.random(in: 1...4, using: &random)).map { _ in anyBlob() }
            let wrong = WholeBlob(random.digest(size: 10), ByteChain(random.bytes(10)))
            for blob in blobs { schedule.begin(blob) }
            let outcomes = await store.storeWhole(blobs + [wrong])
            for (blob, outcome) in zip(blobs, outcomes) {
                try outcome.get()
                schedule.acknowledge(blob)
            }
            try await mustFail(.mismatch, "storing a wrong blob") { () throws(StoreError) in
                try outcomes[blobs.count].get()
            }
        }

        /// Uploads in pieces, now and then interrupted; under a shared identifier another task may take over.
        private mutating func upload(_ blob: WholeBlob, identifier: String) async throws {
            let key = UploadKey(
                instance: .unnamed, identifier: identifier, digest: blob.digest, compressor: .identity)
            do {
                try await bring(blob, as: key)
            } catch let error as StoreError where identifier == "shared" {
                // Another task superseded this upload, or brought more, so that the offset is wrong.
                try promise(
                    [.superseded, .mismatch].contains(error.code),
                    "An upload failed as “\(error.code)”: \(error)")
            }
        }

        private mutating func bring(_ blob: WholeBlob, as key: UploadKey) async throws {
            var upload = try await store.openUpload(key, at: 0)
            for slice in blob.content.slices {
                try await upload.append(ByteChain(slice))
                switch Int.random(in: 0..<20, using: &random) {
                case 0:
                    let kept = upload.receivedBytes
                    await upload.park()
                    await Task.yield()
                    upload = try await store.openUpload(key, at: kept)
                case 1:
                    await upload.discard()
                    return
                case 2: return
                default: await Task.yield()
                }
            }
            schedule.begin(blob)
            try await upload.finish()
            schedule.acknowledge(blob)
        }

        private mutating func uploadWrong(_ blob: WholeBlob) async throws {
            let digest = random.digest(size: blob.digest.size)
            let key = UploadKey(
                instance: .unnamed, identifier: ownIdentifier(), digest: digest, compressor: .identity)
            try await mustFail(.mismatch, "uploading a wrong blob") { () throws(StoreError) in
                try await store.upload(blob.content, as: key)
            }
            try await store.mustLack(digest)
        }

        private mutating func findMissing() async throws {
            let asked = (0..<10).map { _ in anyBlob().digest }
            let acknowledged = schedule.acknowledged
            let missing = Set(try await store.missing(among: asked))
            let begun = schedule.begun
            for digest in asked {
                try check(digest, isFound: !missing.contains(digest), acknowledged, begun)
            }
        }

        private mutating func readWhole() async throws {
            let asked = (0..<3).map { _ in anyBlob() }
            let acknowledged = schedule.acknowledged
            let outcomes = await store.readWhole(asked.map(\.digest))
            let begun = schedule.begun
            for (blob, outcome) in zip(asked, outcomes) {
                if let content = try found(outcome) {
                    try promise(content == blob.content.joined(), "\(blob.digest) reads as other content.")
                }
                try check(blob.digest, isFound: try found(outcome) != nil, acknowledged, begun)
            }
        }

        private func found(_ outcome: Result<Bytes, StoreError>) throws(StoreError) -> Bytes? {
            do {
                return try outcome.get()
            } catch  where error.code == .notFound {
                return nil
            }
        }

        private mutating func stream(_ blob: WholeBlob) async throws {
            let offset = Int.random(in: 0...blob.digest.size, using: &random)
            let acknowledged = schedule.acknowledged
            var isFound = true
            do {
                let content = try await store.read(blob.digest, from: offset)
                try promise(
                    content == blob.content[offset..<blob.digest.size],
                    "\(blob.digest) streams as other content from \(offset).")
            } catch let error as StoreError where error.code == .notFound {
                isFound = false
            }
            try check(blob.digest, isFound: isFound, acknowledged, schedule.begun)
        }

        private func check(
            _ digest: Digest, isFound: Bool, _ acknowledged: Set<Digest>, _ begun: Set<Digest>
        ) throws {
            try promise(
                isFound || !acknowledged.contains(digest), "\(digest) was acknowledged and is not found.")
            try promise(!isFound || begun.contains(digest), "\(digest) is found before anybody stored it.")
        }
    }
}
