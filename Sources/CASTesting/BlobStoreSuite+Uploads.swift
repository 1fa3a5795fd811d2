// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var uploadChecks: [PromiseCheck] {
        [
            check("an uploaded blob is there after the end and not before", visibleWhole),
            check("an upload counts what it has taken", countsBytes),
            check("appends without bytes change nothing", emptyAppends),
            check("bytes past the size are refused at once and nothing is kept", overlong),
            check("an upload that ends too early keeps nothing", short),
            check("an upload of other content than its digest keeps nothing", wrongHash),
            check("a blob that is there may be uploaded again", uploadedAgain),
            check("a wrong upload does not harm a blob that is there", wrongAgain),
            check("an upload that was discarded keeps nothing", discarded),
        ]
    }

    private func visibleWhole(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 30)
        for size in Self.sizes where size > 0 {
            let blob = random.blob(size: size)
            let upload = try await store.openUpload(key(blob.digest), at: 0)
            try await store.mustLack(blob.digest)
            for slice in random.cut(blob.content.joined(), longest: max(size / 2, 1)).slices {
                try await upload.append(ByteChain(slice))
            }
            try await store.mustLack(blob.digest)
            try await upload.finish()
            try await store.mustHave(blob)
            try await store.mustKeepNothing(of: key(blob.digest))
        }
    }

    private func countsBytes(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 31)
        let blob = random.blob(size: 2 << 20 + 1)
        let upload = try await store.openUpload(key(blob.digest), at: 0)
        var sum = 0
        for slice in random.cut(blob.content.joined(), longest: 700_000).slices {
            try promise(
                upload.receivedBytes == sum, "\(upload.receivedBytes) bytes were received, not \(sum).")
            try await store.mustKeep(sum, of: key(blob.digest))
            try await upload.append(ByteChain(slice))
            sum += slice.count
        }
        try promise(upload.receivedBytes == sum, "\(upload.receivedBytes) bytes were received, not \(sum).")
        try await upload.finish()
        try await store.mustHave(blob)
    }

    private func emptyAppends(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 32)
        let blob = random.blob(size: 1_000)
        let upload = try await store.openUpload(key(blob.digest), at: 0)
        try await upload.append(ByteChain())
        try await upload.append(blob.content)
        try await upload.append(ByteChain())
        try promise(upload.receivedBytes == 1_000, "\(upload.receivedBytes) bytes were received, not 1000.")
        try await upload.finish()
        try await store.mustHave(blob)
    }

    private func overlong(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 33)
        for size in Self.sizes {
            let blob = random.blob(size: size)
            for taken in Set([0, size / 2, size]) {
                let key = key(blob.digest, identifier: "after \(taken)")
                let upload = try await store.openUpload(key, at: 0)
                try await upload.append(blob.content[0..<taken])
                let tooMuch = ByteChain(random.bytes(size - taken + 1))
                try await mustFail(.mismatch, "appending past \(blob.digest)") { () throws(StoreError) in
                    try await upload.append(tooMuch)
                }
                try await store.mustKeepNothing(of: key)
            }
            if size > 0 { try await store.mustLack(blob.digest) }
        }
    }

    private func short(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 34)
        for size in Self.sizes where size > 0 {
            let blob = random.blob(size: size)
            for taken in Set([0, size / 2, size - 1]) {
                let upload = try await store.openUpload(key(blob.digest), at: 0)
                try await upload.append(blob.content[0..<taken])
                try await mustFail(.mismatch, "ending \(blob.digest) after \(taken) bytes") {
                    () throws(StoreError) in
                    try await upload.finish()
                }
                try await store.mustKeepNothing(of: key(blob.digest))
                try await store.mustLack(blob.digest)
            }
        }
    }

    private func wrongHash(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 35)
        for size in Self.sizes where size > 0 {
            let (blob, other) = (random.blob(size: size), random.blob(size: size))
            try await mustFail(.mismatch, "uploading other content as \(blob.digest)") {
                () throws(StoreError) in
                try await store.upload(other.content, as: key(blob.digest))
            }
            try await store.mustKeepNothing(of: key(blob.digest))
            for digest in [blob.digest, other.digest] { try await store.mustLack(digest) }
            try await store.upload(blob.content, as: key(blob.digest))
            try await store.mustHave(blob)
        }
    }

    private func uploadedAgain(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 36)
        for size in Self.sizes {
            let blob = random.blob(size: size)
            try await store.store(blob)
            for _ in 0..<2 { try await store.upload(blob.content, as: key(blob.digest)) }
            try await store.mustHave(blob)
        }
    }

    /// Whether the wrong upload fails, or is believed because the blob is there, is not promised.
    private func wrongAgain(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 37)
        for size in Self.sizes where size > 0 {
            let (blob, other) = (random.blob(size: size), random.blob(size: size))
            try await store.store(blob)
            do {
                try await store.upload(other.content, as: key(blob.digest))
            } catch {
                try promise(error.code == .mismatch, "A wrong upload failed as “\(error.code)”: \(error)")
            }
            try await store.mustHave(blob)
        }
    }

    private func discarded(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 38)
        for size in Self.sizes where size > 0 {
            let blob = random.blob(size: size)
            for taken in Set([0, size / 2, size]) {
                let upload = try await store.openUpload(key(blob.digest), at: 0)
                try await upload.append(blob.content[0..<taken])
                await upload.discard()
                try await store.mustKeepNothing(of: key(blob.digest))
            }
            try await store.mustLack(blob.digest)
        }
    }
}
