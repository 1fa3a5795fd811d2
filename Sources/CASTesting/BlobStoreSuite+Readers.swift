// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

extension BlobStoreSuite {
    var readerChecks: [PromiseCheck] {
        [
            check("a reader goes from its offset to the end", anyOffset),
            check("an offset outside the blob is out of range", offsetOutside),
            check("two readers of one blob do not disturb each other", twoReaders),
        ]
    }

    private func anyOffset(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 20)
        for size in Self.sizes {
            let blob = random.blob(size: size)
            try await store.store(blob)
            let offsets = [0, 1, size / 3, size / 2, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, size - 1, size]
            for offset in Set(offsets) where (0...size).contains(offset) {
                let content = try await store.read(blob.digest, from: offset)
                try promise(
                    content == blob.content[offset..<size],
                    "\(blob.digest) reads as other content from \(offset).")
            }
        }
    }

    private func offsetOutside(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 21)
        for size in [0, 1, 4_096, 1 << 20 + 1] {
            let blob = random.blob(size: size)
            try await store.store(blob)
            for offset in [-1, size + 1, .min, .max] {
                try await mustFail(.outOfRange, "reading \(blob.digest) from \(offset)") {
                    () throws(StoreError) in
                    _ = try await store.reader(of: blob.digest, from: offset)
                }
            }
        }
    }

    private func twoReaders(_ store: any BlobStore) async throws {
        var random = SeededRandom(seed: 22)
        let blob = random.blob(size: 3 << 20 + 7)
        try await store.store(blob)
        let readers = [
            try await store.reader(of: blob.digest, from: 0),
            try await store.reader(of: blob.digest, from: 1 << 20),
        ]
        var contents = [ByteChain(), ByteChain()]
        var areAtEnd = [false, false]
        while areAtEnd != [true, true] {
            for (place, reader) in readers.enumerated() where !areAtEnd[place] {
                guard let piece = try await reader.next() else {
                    areAtEnd[place] = true
                    continue
                }
                contents[place].append(piece)
            }
        }
        try promise(contents[0] == blob.content, "The first of two readers found other content.")
        try promise(
            contents[1] == blob.content[1 << 20..<blob.digest.size],
            "The second of two readers found other content.")
    }
}
