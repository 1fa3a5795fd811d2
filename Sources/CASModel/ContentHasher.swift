// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CCrypto
internal import Synchronization

/// Computes the digest of content that arrives in pieces.
///
/// Used by one task at a time: the upload or the walk that owns it. The lock only lets it pass from one task to the
/// next, as an upload that is parked and resumed does.
public final class ContentHasher: Sendable {
    /// The functions that content can be hashed with.
    public static let functions: Set<DigestFunction> = [.sha256]

    /// The function of the digest it computes.
    public let function: DigestFunction

    /// How many bytes it has seen.
    public var size: Int { progress.withLock { $0.size } }

    private let progress: Mutex<Progress>

    private struct Progress: @unchecked Sendable {
        // A context may pass between threads; the lock sees to it that one at a time uses it.
        let context: OpaquePointer
        var size = 0
    }

    /// A hasher that has seen nothing.
    ///
    /// - Throws: ``MalformedValue`` when `function` is not one of ``functions``.
    public init(_ function: DigestFunction) throws(MalformedValue) {
        guard let algorithm = HashAlgorithm.of(function) else {
            throw MalformedValue("The digest function \(function) is not offered.")
        }
        self.function = function
        let context: OpaquePointer = EVP_MD_CTX_new()
        precondition(EVP_DigestInit_ex(context, algorithm.pointer, nil) == 1, "the hash cannot be set up")
        progress = Mutex(Progress(context: context))
    }

    deinit {
        progress.withLock { EVP_MD_CTX_free($0.context) }
    }

    /// Takes the next piece.
    public func update(_ piece: Bytes) {
        piece.withUnsafeBytes { update($0) }
    }

    /// Takes the next pieces.
    public func update(_ pieces: ByteChain) {
        for piece in pieces.slices { update(piece) }
    }

    /// Takes the next piece.
    public func update(_ piece: UnsafeRawBufferPointer) {
        guard let start = piece.baseAddress, !piece.isEmpty else { return }
        progress.withLock { progress in
            precondition(EVP_DigestUpdate(progress.context, start, piece.count) == 1, "the hash cannot go on")
            progress.size += piece.count
        }
    }

    /// Forgets all pieces, ready for the next content: cheaper than a new hasher when blobs are small.
    public func restart() {
        progress.withLock { progress in
            precondition(EVP_DigestInit_ex(progress.context, nil, nil) == 1, "the hash cannot start again")
            progress.size = 0
        }
    }

    /// The digest of all pieces; nothing may follow but ``restart()``.
    public func finish() -> Digest {
        progress.withLock { progress in
            let hash = HashValue { bytes in
                precondition(
                    EVP_DigestFinal_ex(progress.context, bytes.baseAddress, nil) == 1, "the hash cannot end")
            }
            return Digest(unchecked: function, hash: hash, size: progress.size)
        }
    }
}

extension Digest {
    /// The digest of `content`.
    ///
    /// - Throws: ``MalformedValue`` when `function` is not one of ``ContentHasher/functions``.
    public static func of(_ content: ByteChain, _ function: DigestFunction = .sha256) throws(MalformedValue)
        -> Digest
    {
        let hasher = try ContentHasher(function)
        hasher.update(content)
        return hasher.finish()
    }

    /// The digest of `content`.
    ///
    /// - Throws: ``MalformedValue`` when `function` is not one of ``ContentHasher/functions``.
    public static func of(_ content: Bytes, _ function: DigestFunction = .sha256) throws(MalformedValue)
        -> Digest
    {
        try of(ByteChain(content), function)
    }
}

/// An algorithm of libcrypto, fetched once: looking it up by name costs more than hashing a small blob.
struct HashAlgorithm: @unchecked Sendable {
    // Fetched algorithms are immutable and reference-counted by libcrypto; these are never freed.
    let pointer: OpaquePointer

    private static let sha256 = HashAlgorithm(pointer: EVP_MD_fetch(nil, "SHA256", nil))

    static func of(_ function: DigestFunction) -> HashAlgorithm? {
        switch function {
        case .sha256: sha256
        case .sha1, .md5, .vso, .sha384, .sha512, .murmur3, .sha256tree, .blake3, .gitsha1: nil
        }
    }
}
