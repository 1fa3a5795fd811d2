// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
public import CASStore

/// What a ``/CASStore/BlobStore`` promises, as checks that any store can be put through.
///
/// Every check gets a store of its own, empty and with room for 64 MiB of blobs and for a hundred parked uploads.
public struct BlobStoreSuite: Sendable {
    /// Lends a fresh store to a check, and clears it away after it.
    public typealias Lender =
        @Sendable (_ check: @Sendable (any BlobStore) async throws -> Void) async throws -> Void

    /// The seed of everything random in the checks.
    let seed: UInt64

    private let lend: Lender

    /// The checks of the stores that `lend` lends.
    public init(seed: UInt64 = .random(in: .min ... .max), lend: @escaping Lender) {
        self.seed = seed
        self.lend = lend
    }

    /// The checks of the stores that `make` makes, which need no clearing away.
    public init(
        seed: UInt64 = .random(in: .min ... .max), make: @escaping @Sendable () async throws -> any BlobStore
    ) {
        self.init(seed: seed) { check in try await check(try await make()) }
    }

    /// All promises of a store.
    public var allChecks: [PromiseCheck] {
        presenceChecks + wholeBlobChecks + readerChecks + uploadChecks + resumptionChecks + concurrencyChecks
    }

    /// Sizes around those at which a store does things differently.
    static let sizes = [
        0, 1, 2, 63, 64, 65, 4_095, 4_096, 4_097, 1 << 20 - 1, 1 << 20, 1 << 20 + 1, 3 << 20 + 7,
    ]

    func check(
        _ name: String, _ body: @escaping @Sendable (any BlobStore) async throws -> Void
    ) -> PromiseCheck {
        PromiseCheck(name) { [lend] in try await lend(body) }
    }

    /// A check of random steps; what breaks it names the seed.
    func randomCheck(
        _ name: String, _ body: @escaping @Sendable (any BlobStore, SeededRandom) async throws -> Void
    ) -> PromiseCheck {
        check(name) { [seed] store in
            print("\(name): seed \(seed)")
            do {
                try await body(store, SeededRandom(seed: seed))
            } catch {
                throw BrokenPromise("With seed \(seed): \(error)")
            }
        }
    }

    /// An upload key of its own for `digest`.
    func key(_ digest: Digest, identifier: String = "upload") -> UploadKey {
        UploadKey(instance: .unnamed, identifier: identifier, digest: digest, compressor: .identity)
    }
}
