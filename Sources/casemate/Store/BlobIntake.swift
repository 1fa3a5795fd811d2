// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel
import CASStore
import Foundation

/// Takes blobs from somewhere else into a store, each checked: small ones many at a time, large ones piece by piece.
struct BlobIntake {
    /// From which size on a blob is not gathered.
    private static let largeSize = 1 << 20
    private static let gatheredBlobs = 512
    private static let gatheredBytes = 8 << 20

    /// What came in.
    struct Tally {
        /// How many blobs are in the store now that were not.
        var stored = 0
        var storedBytes = 0
        /// How many were there already.
        var present = 0
        /// How many are not what their names say.
        var wrong = 0
    }

    private(set) var tally = Tally()

    private let store: DiskStore
    private let report: (String) -> Void
    private var gathered: [(blob: WholeBlob, name: String)] = []
    private var bytes = 0

    /// An intake into `store` that tells `report` of each wrong blob.
    init(into store: DiskStore, report: @escaping (String) -> Void) {
        self.store = store
        self.report = report
    }

    /// Whether the store has the blob, which then need not be read; it is counted.
    mutating func has(_ digest: Digest) async throws -> Bool {
        guard try await store.missing(among: [digest]).isEmpty else { return false }
        tally.present += 1
        return true
    }

    /// Takes the blob that `name` says is `digest`, from `pieces` until nil.
    mutating func take(_ digest: Digest, named name: String, _ pieces: () throws -> Bytes?) async throws {
        guard digest.size < Self.largeSize else { return try await stream(digest, name, pieces) }
        var content = ByteChain()
        while content.count <= digest.size, let piece = try pieces() { content.append(piece) }
        gathered.append((WholeBlob(digest, content), name))
        bytes += digest.size
        if gathered.count == Self.gatheredBlobs || bytes >= Self.gatheredBytes { try await flush() }
    }

    /// Stores what was gathered.
    mutating func flush() async throws {
        let batch = gathered
        (gathered, bytes) = ([], 0)
        // Present ones are verified too, and not stored again.
        let missing = Set(try await store.missing(among: batch.map(\.blob.digest)))
        var counted: Set<Digest> = []
        for (item, result) in zip(batch, await store.storeWhole(batch.map(\.blob))) {
            let digest = item.blob.digest
            switch result {
            case .success: count(digest, isNew: missing.contains(digest) && counted.insert(digest).inserted)
            case .failure(let error): try refuse(item.name, error)
            }
        }
        try Task.checkCancellation()
    }

    private mutating func stream(
        _ digest: Digest, _ name: String, _ pieces: () throws -> Bytes?
    ) async throws {
        guard try await !store.missing(among: [digest]).isEmpty else {
            return try verify(digest, name, pieces)
        }
        let key = UploadKey(
            instance: .unnamed, identifier: UUID().uuidString, digest: digest, compressor: .identity)
        let upload = try await store.openUpload(key, at: 0)
        do {
            while let piece = try pieces() {
                try await upload.append(ByteChain(piece))
                try Task.checkCancellation()
            }
            try await upload.finish()
            count(digest, isNew: true)
        } catch let error as StoreError {
            await upload.discard()
            try refuse(name, error)
        } catch {
            await upload.discard()
            throw error
        }
    }

    /// What is there already is read all the same: an archive with a wrong copy is a wrong archive.
    private mutating func verify(_ digest: Digest, _ name: String, _ pieces: () throws -> Bytes?) throws {
        let hasher = try ContentHasher(digest.function)
        while let piece = try pieces() { hasher.update(piece) }
        let found = hasher.finish()
        guard found == digest else {
            return try refuse(
                name, StoreError(.mismatch, "Expected content with the digest \(digest), found \(found)."))
        }
        count(digest, isNew: false)
    }

    private mutating func count(_ digest: Digest, isNew: Bool) {
        tally.stored += isNew ? 1 : 0
        tally.storedBytes += isNew ? digest.size : 0
        tally.present += isNew ? 0 : 1
    }

    /// A wrong blob is passed over; whatever else is in the way ends the intake.
    private mutating func refuse(_ name: String, _ error: StoreError) throws {
        guard error.code == .mismatch else { throw error }
        tally.wrong += 1
        report("\(name): \(error.sentence)")
    }
}
