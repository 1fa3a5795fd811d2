// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var presenceChecks: [PromiseCheck] {
        [
            check("the empty blob is always there", emptyBlob),
            check("a blob is missing until it is stored", missingUntilStored),
            check("missing digests are named in their order, duplicates included", missingInOrder),
            check("a known hash with another size is absent", otherSize),
            check("a request may name very many digests", manyDigests),
        ]
    }

    private func emptyBlob(_ store: any BlobStore) async throws {
        let empty = WholeBlob(of: Bytes())
        try await store.mustHave(empty)
        try await store.store(empty, empty)
        try await store.upload(ByteChain(), as: key(empty.digest))
        let upload = try await store.openUpload(key(empty.digest, identifier: "again"), at: 0)
        try await upload.append(ByteChain())
        try await upload.finish()
        try await store.mustHave(empty)
    }

    private func missingUntilStored(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 1)
        for size in Self.sizes where size > 0 {
            let blob = random.blob(size: size)
            let other = random.digest(size: size)
            try await store.mustLack(blob.digest)
            try await store.store(blob)
            try await store.mustHave(blob)
            try await store.mustLack(other)
        }
    }

    private func missingInOrder(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 2)
        let stored = random.blob(size: 100)
        let (first, second) = (random.digest(size: 5), random.digest(size: 2 << 20))
        try await store.store(stored)
        let asked = [second, stored.digest, first, second, stored.digest, second, first]
        let missing = try await store.missing(among: asked)
        try promise(
            missing == [second, first, second, second, first],
            "Found \(missing) missing among \(asked), of which \(stored.digest) is stored.")
        let none = try await store.missing(among: [])
        try promise(none.isEmpty, "Among no digests, \(none) are missing.")
    }

    private func otherSize(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 3)
        for size in [1, 4_096, 1 << 20, 1 << 20 + 1] {
            let blob = random.blob(size: size)
            try await store.store(blob)
            for wrong in [size - 1, size + 1, 2 << 20] {
                let digest = try blob.digest.withUnsafeHash { try Digest(.sha256, hash: $0, size: wrong) }
                try await store.mustLack(digest)
                try await mustFail(.mismatch, "storing \(blob.digest) as \(digest)") {
                    () throws(StoreError) in
                    try await store.storeWhole([WholeBlob(digest, blob.content)])[0].get()
                }
                try await store.mustLack(digest)
            }
            try await store.mustHave(blob)
        }
    }

    private func manyDigests(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 4)
        let stored = random.blob(size: 10)
        try await store.store(stored)
        var digests = (0..<20_000).map { random.digest(size: $0) }
        let absent = digests
        digests.insert(stored.digest, at: 10_000)
        let missing = try await store.missing(among: digests)
        try promise(missing == absent, "\(missing.count) of 20000 absent digests are called missing.")
    }
}
