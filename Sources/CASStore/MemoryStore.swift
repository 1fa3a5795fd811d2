// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
internal import Synchronization

/// Keeps blobs, references and action results in memory, for tests and fixtures.
///
/// It forgets everything with its last reference, evicts nothing, and refuses what would pass its limit. Content
/// stays in the slices it came in.
public final class MemoryStore: Sendable {
    /// What a store may be told.
    public struct Configuration: Sendable {
        /// How many bytes all blobs and unfinished uploads have together; nil for no limit.
        public var byteLimit: Int?

        /// How much of unfinished uploads is kept.
        public var uploads = UploadLimits()

        /// The clock that parked uploads age by.
        public var now: @Sendable () -> ContinuousClock.Instant = { .now }

        /// The configuration by default: no limit.
        public init() {}
    }

    let now: @Sendable () -> ContinuousClock.Instant
    let state: Mutex<State>

    /// An empty store.
    public init(_ configuration: Configuration = Configuration()) {
        now = configuration.now
        state = Mutex(State(byteLimit: configuration.byteLimit, uploads: configuration.uploads))
    }

    /// How many bytes all blobs and unfinished uploads have together.
    public var usedBytes: Int { state.withLock { $0.usedBytes } }
}

extension MemoryStore: BlobStore {
    /// Those of `digests` that are not here.
    public func missing(among digests: [Digest]) async throws(StoreError) -> [Digest] {
        state.withLock { state in digests.filter { state.content(of: $0) == nil } }
    }

    /// The content of each of `digests`, joined if it came in several slices.
    public func readWhole(_ digests: [Digest]) async -> [Result<Bytes, StoreError>] {
        let contents = state.withLock { state in digests.map { state.content(of: $0) } }
        return zip(digests, contents).map { digest, content in
            content.map { .success($0.joined()) } ?? .failure(Self.absence(of: digest))
        }
    }

    /// A reader that hands out the slices in which the content came.
    public func reader(of digest: Digest, from offset: Int) async throws(StoreError) -> any BlobReader {
        guard let content = state.withLock({ $0.content(of: digest) }) else { throw Self.absence(of: digest) }
        guard offset >= 0, offset <= digest.size else {
            throw StoreError(.outOfRange, "Offset \(offset) is outside of \(digest).")
        }
        return MemoryReader(content[offset..<digest.size])
    }

    /// Keeps those of `blobs` that are right and fit.
    public func storeWhole(_ blobs: [WholeBlob]) async -> [Result<Void, StoreError>] {
        blobs.map { blob in
            Result { () throws(StoreError) in
                try blob.digest.check(blob.content)
                try state.withLock { state throws(StoreError) in try state.store(blob) }
            }
        }
    }

    /// Opens the upload of `key`; see ``UploadRegistry``.
    public func openUpload(_ key: UploadKey, at offset: Int) async throws(StoreError) -> any BlobUpload {
        let ticket = try state.withLock { state throws(StoreError) in
            try state.openUpload(key, at: offset, now: now())
        }
        return MemoryUpload(ticket, in: self, receivedBytes: offset)
    }

    /// How many bytes of the upload are kept.
    public func keptBytes(of key: UploadKey) async -> Int? {
        state.withLock { $0.uploads.keptBytes(of: key, now: now()) }
    }

    private static func absence(of digest: Digest) -> StoreError {
        StoreError(.notFound, "The blob \(digest) is not here.")
    }
}

extension MemoryStore: ReferenceStore {
    /// The digest that `key` names.
    public func reference(
        _ key: ReferenceKey, in instance: InstanceName
    ) async throws(StoreError) -> Digest? {
        state.withLock { $0.references[instance]?[key] }
    }

    /// Lets all of `keys` name `digest`.
    public func updateReferences(
        _ keys: [ReferenceKey], in instance: InstanceName, to digest: Digest
    ) async throws(StoreError) {
        state.withLock { state in
            for key in keys { state.references[instance, default: [:]][key] = digest }
        }
    }

    /// Forgets `key` if it still names `digest`.
    public func forgetReference(
        _ key: ReferenceKey, in instance: InstanceName, naming digest: Digest
    ) async throws(StoreError) {
        state.withLock { state in
            guard state.references[instance]?[key] == digest else { return }
            state.references[instance]?[key] = nil
        }
    }
}

extension MemoryStore: ActionResultStore {
    /// The result kept under `key`.
    public func actionResult(_ key: ActionKey) async throws(StoreError) -> Bytes? {
        state.withLock { $0.actionResults[key] }
    }

    /// Keeps `result` under `key`.
    public func updateActionResult(_ key: ActionKey, to result: Bytes) async throws(StoreError) {
        state.withLock { $0.actionResults[key] = result }
    }

    /// Forgets the result under `key`.
    public func forgetActionResult(_ key: ActionKey) async throws(StoreError) {
        state.withLock { $0.actionResults[key] = nil }
    }
}
