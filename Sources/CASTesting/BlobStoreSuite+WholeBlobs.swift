// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var wholeBlobChecks: [PromiseCheck] {
        [
            check("a bad blob of a batch fails alone", badBlobInBatch),
            check("a blob may be stored again, also within one batch", storedAgain),
            check("whole blobs are read in the order asked for", wholeInOrder),
            check("content may be cut into slices anywhere", cutAnywhere),
            check("an empty batch has no answers", emptyBatch),
        ]
    }

    private func badBlobInBatch(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 10)
        for size in [100, 1 << 20] {
            let (good, long, large) = (
                random.blob(size: size), random.blob(size: size), random.blob(size: 1 << 20)
            )
            let (wrong, short, tooLong) =
                (random.digest(size: size), random.digest(size: size + 1), random.digest(size: size - 1))
            let outcomes = await store.storeWhole([
                good, WholeBlob(wrong, long.content), large, WholeBlob(short, long.content),
                WholeBlob(tooLong, long.content), WholeBlob(wrong, ByteChain()), long,
            ])
            let stored = outcomes.map { (try? $0.get()) != nil }
            try promise(
                stored == [true, false, true, false, false, false, true],
                "Good or bad was decided as \(stored).")
            for outcome in outcomes {
                guard case .failure(let error) = outcome else { continue }
                try promise(error.code == .mismatch, "A bad blob failed as “\(error.code)”: \(error)")
            }
            for blob in [good, large, long] { try await store.mustHave(blob) }
            for digest in [wrong, short, tooLong] { try await store.mustLack(digest) }
        }
    }

    private func storedAgain(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 11)
        for size in Self.sizes {
            let blob = random.blob(size: size)
            try await store.store(blob, blob)
            try await store.store(blob)
            try await store.mustHave(blob)
        }
    }

    private func wholeInOrder(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 12)
        let blobs = [3, 1 << 20 + 1, 0, 4_096].map { random.blob(size: $0) }
        for blob in blobs { try await store.store(blob) }
        let absent = random.digest(size: 3)
        let asked = [
            blobs[3].digest, absent, blobs[0].digest, blobs[2].digest, blobs[1].digest, blobs[3].digest,
        ]
        let expected = [blobs[3], nil, blobs[0], blobs[2], blobs[1], blobs[3]]
        let found = await store.readWhole(asked)
        try promise(found.count == asked.count, "\(asked.count) digests had \(found.count) answers.")
        for (outcome, blob) in zip(found, expected) {
            switch (outcome, blob) {
            case (.success(let content), let blob?):
                try promise(content == blob.content.joined(), "\(blob.digest) reads as other content.")
            case (.failure(let error), nil):
                try promise(error.code == .notFound, "An absent blob failed as “\(error.code)”: \(error)")
            case (.success, nil), (.failure, _?):
                throw BrokenPromise("The answers do not stand in the order of the digests.")
            }
        }
        let none = await store.readWhole([])
        try promise(none.isEmpty, "No digests had \(none.count) answers.")
    }

    private func cutAnywhere(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 13)
        for length in 1...70 {
            let blob = random.blob(size: 131).cut(every: length)
            try await store.store(blob)
            try await store.mustHave(blob)
            let uploaded = random.blob(size: 131).cut(every: length)
            try await store.upload(uploaded.content, as: key(uploaded.digest))
            try await store.mustHave(uploaded)
        }
        for length in [1_021, 65_537, 1 << 20 - 1, 1 << 20 + 1] {
            let blob = random.blob(size: 3 << 20 + 7).cut(every: length)
            try await store.store(blob)
            try await store.mustHave(blob)
        }
    }

    private func emptyBatch(_ store: any BlobStore) async throws {
        let outcomes = await store.storeWhole([])
        try promise(outcomes.isEmpty, "No blobs had \(outcomes.count) answers.")
    }
}
