// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var concurrencyChecks: [PromiseCheck] {
        [
            check("two writers of one digest both succeed", twoWriters),
            check("many writers of one digest at once all succeed", manyWriters),
            check("the newest of many openings at once wins", manyOpenings),
            randomCheck("uploads keep what they promise in any order of calls", uploadsInAnyOrder),
            randomCheck("writers and readers at once find what was acknowledged", writersAndReaders),
        ]
    }

    private func twoWriters(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 50)
        for size in Self.sizes {
            let blob = random.blob(size: size)
            let uploads = [
                try await store.openUpload(key(blob.digest, identifier: "first"), at: 0),
                try await store.openUpload(key(blob.digest, identifier: "second"), at: 0),
            ]
            for upload in uploads { try await upload.append(blob.content[0..<size / 2]) }
            for upload in uploads { try await upload.append(blob.content[size / 2..<size]) }
            try await uploads[0].finish()
            try await store.mustHave(blob)
            try await store.store(blob)
            try await uploads[1].finish()
            try await store.mustHave(blob)
        }
    }

    private func manyWriters(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 51)
        for size in [1, 4_096, 1 << 20 + 1] {
            let blob = random.blob(size: size)
            try await withThrowingTaskGroup { group in
                for writer in 0..<16 {
                    group.addTask {
                        guard writer.isMultiple(of: 2) else { return try await store.store(blob) }
                        let cut = blob.cut(every: max(size / (writer + 1), 1))
                        try await store.upload(cut.content, as: key(blob.digest, identifier: "\(writer)"))
                    }
                }
                try await group.waitForAll()
            }
            try await store.mustHave(blob)
        }
    }

    /// Each of the openings may be superseded; one that is not must succeed, and there is at least one.
    private func manyOpenings(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 52)
        for size in [4_096, 1 << 20 + 1] {
            let blob = random.blob(size: size).cut(every: size / 16)
            let successes = try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask {
                        do {
                            try await store.upload(blob.content, as: key(blob.digest))
                            return 1
                        } catch let error as StoreError where error.code == .superseded {
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            try promise(successes > 0, "Every one of 16 openings of one upload was superseded.")
            try await store.mustHave(blob)
            try await store.mustKeepNothing(of: key(blob.digest))
        }
    }

    private func uploadsInAnyOrder(_ store: any BlobStore, random: SeededRandom) async throws {
        var model = UploadModel(store: store, random: random)
        for _ in 0..<600 { try await model.step() }
    }

    private func writersAndReaders(_ store: any BlobStore, random: SeededRandom) async throws {
        var random = random
        let schedule = ConcurrentSchedule(store: store, random: &random)
        try await withThrowingTaskGroup { group in
            for name in 0..<8 {
                let seed = random.next()
                group.addTask {
                    var worker = ConcurrentSchedule.Worker(
                        schedule, name: name, random: SeededRandom(seed: seed))
                    for _ in 0..<60 { try await worker.step() }
                }
            }
            try await group.waitForAll()
        }
        try await schedule.checkEnd()
    }
}
