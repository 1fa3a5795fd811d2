// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var resumptionChecks: [PromiseCheck] {
        [
            check("a parked upload goes on at the bytes kept", parkedAndResumed),
            check("an upload that nobody holds any more is parked", dropped),
            check("an upload goes on nowhere else, and stays as it is", wrongOffset),
            check("an upload opened at 0 starts anew", startedAnew),
            check("uploads are told apart by every part of their key", keysApart),
            check("an upload that ended is forgotten", endedIsForgotten),
            check("an upload that starts anew supersedes the one that is open", superseded),
            check("an upload that goes on supersedes the one that is open", takenOver),
            check("a superseded upload cannot disturb the newer one", supersededIsHarmless),
        ]
    }

    private func parkedAndResumed(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 40)
        for size in Self.sizes where size > 0 {
            let blob = random.blob(size: size)
            let stops = Set([size / 3, size / 2, min(1 << 20, size), size]).subtracting([0]).sorted()
            var kept = 0
            for stop in stops {
                let upload = try await store.openUpload(key(blob.digest), at: kept)
                try promise(
                    upload.receivedBytes == kept, "An upload goes on at \(upload.receivedBytes), not \(kept)."
                )
                try await upload.append(blob.content[kept..<stop])
                await upload.park()
                try await store.mustKeep(stop, of: key(blob.digest))
                try await store.mustLack(blob.digest)
                kept = stop
            }
            try await store.openUpload(key(blob.digest), at: size).finish()
            try await store.mustHave(blob)
        }
    }

    private func dropped(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 41)
        for size in [2, 100, 3 << 20 + 7] {
            let blob = random.blob(size: size)
            let key = key(blob.digest)
            try await open(key, in: store, bringing: blob.content[0..<size / 2])
            try await store.mustKeep(size / 2, of: key)
            let upload = try await store.openUpload(key, at: size / 2)
            try await upload.append(blob.content[size / 2..<size])
            try await upload.finish()
            try await store.mustHave(blob)
        }
    }

    /// Opens an upload, brings `content`, and leaves it without a word.
    private func open(_ key: UploadKey, in store: any BlobStore, bringing content: ByteChain) async throws {
        let upload = try await store.openUpload(key, at: 0)
        try await upload.append(content)
    }

    private func wrongOffset(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 42)
        let blob = random.blob(size: 10_000)
        let key = key(blob.digest)
        for offset in [1, 5_000, 10_000, -1, .min, .max] {
            try await mustFail(.mismatch, "opening a new upload at \(offset)") { () throws(StoreError) in
                _ = try await store.openUpload(key, at: offset)
            }
        }
        let parked = try await store.openUpload(key, at: 0)
        try await parked.append(blob.content[0..<5_000])
        await parked.park()
        for offset in [1, 4_999, 5_001, 10_000, -1, .min, .max] {
            try await mustFail(.mismatch, "going on at \(offset) of 5000 bytes") { () throws(StoreError) in
                _ = try await store.openUpload(key, at: offset)
            }
        }
        try await store.mustKeep(5_000, of: key)
        let upload = try await store.openUpload(key, at: 5_000)
        try await upload.append(blob.content[5_000..<10_000])
        try await upload.finish()
        try await store.mustHave(blob)
    }

    private func startedAnew(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 43)
        for size in [100, 3 << 20 + 7] {
            let blob = random.blob(size: size)
            let key = key(blob.digest)
            try await open(key, in: store, bringing: ByteChain(random.bytes(size - 1)))
            try await store.mustKeep(size - 1, of: key)
            let upload = try await store.openUpload(key, at: 0)
            try promise(upload.receivedBytes == 0, "A new start has \(upload.receivedBytes) bytes.")
            try await store.mustKeepNothing(of: key)
            try await upload.append(blob.content)
            try await upload.finish()
            try await store.mustHave(blob)
        }
    }

    private func keysApart(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 44)
        let (blob, other) = (random.blob(size: 100), random.blob(size: 100))
        let team = try InstanceName("team")
        let keys = [
            UploadKey(instance: .unnamed, identifier: "a", digest: blob.digest, compressor: .identity),
            UploadKey(instance: team, identifier: "a", digest: blob.digest, compressor: .identity),
            UploadKey(instance: .unnamed, identifier: "b", digest: blob.digest, compressor: .identity),
            UploadKey(instance: .unnamed, identifier: "a", digest: blob.digest, compressor: .zstd),
            UploadKey(instance: .unnamed, identifier: "a", digest: other.digest, compressor: .identity),
        ]
        for (place, key) in keys.enumerated() {
            let content = key.digest == other.digest ? other.content : blob.content
            try await open(key, in: store, bringing: content[0..<place + 1])
        }
        for (place, key) in keys.enumerated() { try await store.mustKeep(place + 1, of: key) }
        for (place, blob) in [(3, blob), (4, other)] {
            let upload = try await store.openUpload(keys[place], at: place + 1)
            try await upload.append(blob.content[place + 1..<100])
            try await upload.finish()
        }
        for blob in [blob, other] { try await store.mustHave(blob) }
    }

    private func endedIsForgotten(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 45)
        let blob = random.blob(size: 1_000)
        try await store.upload(blob.content, as: key(blob.digest))
        try await store.mustKeepNothing(of: key(blob.digest))
        try await mustFail(.mismatch, "going on with an upload that ended") { () throws(StoreError) in
            _ = try await store.openUpload(key(blob.digest), at: 1_000)
        }
    }

    private func superseded(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 46)
        for size in [100, 3 << 20 + 7] {
            let blob = random.blob(size: size)
            let older = try await store.openUpload(key(blob.digest), at: 0)
            try await older.append(ByteChain(random.bytes(size / 2)))
            let newer = try await store.openUpload(key(blob.digest), at: 0)
            try await mustFail(.superseded, "appending to a superseded upload") { () throws(StoreError) in
                try await older.append(blob.content[size / 2..<size])
            }
            try await newer.append(blob.content)
            try await newer.finish()
            try await store.mustHave(blob)
        }
    }

    private func takenOver(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 47)
        for size in [100, 3 << 20 + 7] {
            let blob = random.blob(size: size)
            let older = try await store.openUpload(key(blob.digest), at: 0)
            try await older.append(blob.content[0..<size / 2])
            let newer = try await store.openUpload(key(blob.digest), at: size / 2)
            try promise(newer.receivedBytes == size / 2, "The newer upload is at \(newer.receivedBytes).")
            try await newer.append(blob.content[size / 2..<size - 1])
            try await mustFail(.superseded, "appending to a superseded upload") { () throws(StoreError) in
                try await older.append(blob.content[size / 2..<size])
            }
            try await newer.append(blob.content[size - 1..<size])
            try await newer.finish()
            try await store.mustHave(blob)
        }
    }

    private func supersededIsHarmless(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 48)
        let blob = random.blob(size: 1_000)
        let key = key(blob.digest)
        var olders: [any BlobUpload] = []
        for _ in 0..<4 {
            olders.append(try await store.openUpload(key, at: 0))
            try await olders.last?.append(blob.content)
        }
        let newer = try await store.openUpload(key, at: 0)
        try await newer.append(blob.content[0..<300])
        try await mustFail(.superseded, "ending a superseded upload") { () throws(StoreError) in
            try await olders[0].finish()
        }
        await olders[1].park()
        await olders[2].discard()
        olders = []
        try await store.mustLack(blob.digest)
        try await store.mustKeep(300, of: key)
        try await newer.append(blob.content[300..<1_000])
        try await newer.finish()
        try await store.mustHave(blob)
    }
}
