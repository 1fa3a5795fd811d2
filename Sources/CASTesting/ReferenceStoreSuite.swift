// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
public import CASStore

/// What a ``/CASStore/ReferenceStore`` promises, as checks that any store can be put through.
///
/// Every check gets a store of its own, without references.
public struct ReferenceStoreSuite: Sendable {
    /// Lends a fresh store to a check, and clears it away after it.
    public typealias Lender =
        @Sendable (_ check: @Sendable (any ReferenceStore) async throws -> Void) async throws -> Void

    private let lend: Lender

    /// The checks of the stores that `lend` lends.
    public init(lend: @escaping Lender) {
        self.lend = lend
    }

    /// The checks of the stores that `make` makes, which need no clearing away.
    public init(make: @escaping @Sendable () async throws -> any ReferenceStore) {
        self.init(lend: { check in try await check(try await make()) })
    }

    /// All promises of a store.
    public var allChecks: [PromiseCheck] {
        [
            check("a key without a reference names nothing", unknown),
            check("an update lets all its keys name one digest", severalKeys),
            check("an update of no keys changes nothing", noKeys),
            check("an update replaces what a key named", overwritten),
            check("a digest comes back whole", wholeDigest),
            check("instances do not see each other's references", instancesApart),
            check("a reference is forgotten only if it still names the digest", forgotten),
            check("keys may be long and odd, and are told apart byte by byte", oddKeys),
            check("many updates at once all arrive", manyUpdates),
        ]
    }

    private func check(
        _ name: String, _ body: @escaping @Sendable (any ReferenceStore) async throws -> Void
    ) -> PromiseCheck {
        PromiseCheck(name) { [lend] in try await lend(body) }
    }

    private func unknown(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 1)
        let key = try ReferenceKey("main")
        try await store.mustName(nil, by: key)
        try await store.forgetReference(key, in: .unnamed, naming: random.digest(size: 1))
        try await store.mustName(nil, by: key)
    }

    private func severalKeys(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 2)
        let keys = try ["a", "b/c", "b/d", "a"].map { try ReferenceKey($0) }
        let digest = random.digest(size: 120)
        try await store.updateReferences(keys, in: .unnamed, to: digest)
        for key in keys { try await store.mustName(digest, by: key) }
        for other in ["b", "b/c/d", "A", "c"] { try await store.mustName(nil, by: ReferenceKey(other)) }
    }

    private func noKeys(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 3)
        try await store.updateReferences([], in: .unnamed, to: random.digest(size: 1))
        try await store.mustName(nil, by: ReferenceKey("main"))
    }

    private func overwritten(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 4)
        let (main, other) = (try ReferenceKey("main"), try ReferenceKey("other"))
        let (first, second) = (random.digest(size: 1), random.digest(size: 2))
        try await store.updateReferences([main, other], in: .unnamed, to: first)
        try await store.updateReferences([main], in: .unnamed, to: second)
        try await store.updateReferences([main], in: .unnamed, to: second)
        try await store.mustName(second, by: main)
        try await store.mustName(first, by: other)
    }

    private func wholeDigest(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 5)
        let key = try ReferenceKey("main")
        var digests = [0, 1, 1 << 31, 1 << 32, .max].map { random.digest(size: $0) }
        for function in DigestFunction.allCases {
            let hash = random.bytes(function.hashLength)
            digests.append(try hash.withUnsafeBytes { try Digest(function, hash: $0, size: 7) })
        }
        for digest in digests {
            try await store.updateReferences([key], in: .unnamed, to: digest)
            try await store.mustName(digest, by: key)
        }
    }

    private func instancesApart(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 6)
        let key = try ReferenceKey("a/b")
        let instances = try ["", "a", "a/b", "A", "a/b/c"].map { try InstanceName($0) }
        let digests = instances.map { _ in random.digest(size: 9) }
        for (instance, digest) in zip(instances, digests) {
            try await store.mustName(nil, by: key, in: instance)
            try await store.updateReferences([key], in: instance, to: digest)
        }
        for (instance, digest) in zip(instances, digests) {
            try await store.mustName(digest, by: key, in: instance)
        }
        try await store.forgetReference(key, in: instances[1], naming: digests[1])
        for (instance, digest) in zip(instances, digests) {
            try await store.mustName(instance == instances[1] ? nil : digest, by: key, in: instance)
        }
    }

    private func forgotten(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 7)
        let (main, other) = (try ReferenceKey("main"), try ReferenceKey("other"))
        let (old, new) = (random.digest(size: 1), random.digest(size: 1))
        try await store.updateReferences([main, other], in: .unnamed, to: old)
        try await store.updateReferences([main], in: .unnamed, to: new)
        try await store.forgetReference(main, in: .unnamed, naming: old)
        let otherSize = try new.withUnsafeHash { try Digest(.sha256, hash: $0, size: 2) }
        try await store.forgetReference(main, in: .unnamed, naming: otherSize)
        try await store.mustName(new, by: main)
        try await store.forgetReference(main, in: .unnamed, naming: new)
        try await store.mustName(nil, by: main)
        try await store.mustName(old, by: other)
        try await store.updateReferences([main], in: .unnamed, to: new)
        try await store.mustName(new, by: main)
    }

    private func oddKeys(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 8)
        let texts = [
            "a", "A", "a ", " a", "a.", "...", "%2e%2e", "*", "_", "a%", "'; DROP TABLE x; --", "\"", "\\",
            "~",
            "\u{E9}", "e\u{301}", "\u{1E0B}\u{323}", "\u{1E0D}\u{307}", "\u{212B}", "\u{C5}", "日本/🧪", "ß",
            "ss", "ẞ",
            String(repeating: "k", count: ReferenceKey.maximumLength),
            String(repeating: "k", count: ReferenceKey.maximumLength - 1),
            String(repeating: "k/", count: ReferenceKey.maximumLength / 2 - 1) + "k",
            String(repeating: "é", count: ReferenceKey.maximumLength / 2),
        ]
        let references = try texts.map { (try ReferenceKey($0), random.digest(size: 3)) }
        for (key, digest) in references { try await store.updateReferences([key], in: .unnamed, to: digest) }
        for (key, digest) in references { try await store.mustName(digest, by: key) }
    }

    private func manyUpdates(_ store: any ReferenceStore) async throws {
        var random = SeededRandom(seed: 9)
        let shared = try ReferenceKey("shared")
        let digests = (0..<32).map { _ in random.digest(size: 3) }
        try await withThrowingTaskGroup { group in
            for (number, digest) in digests.enumerated() {
                group.addTask {
                    let own = try ReferenceKey("own/\(number)")
                    try await store.updateReferences([own, shared], in: .unnamed, to: digest)
                    try await store.mustName(digest, by: own)
                }
            }
            try await group.waitForAll()
        }
        for (number, digest) in digests.enumerated() {
            try await store.mustName(digest, by: ReferenceKey("own/\(number)"))
        }
        let found = try await store.reference(shared, in: .unnamed)
        try promise(found.map(digests.contains) == true, "A key of many updates names nothing of them.")
    }
}

extension ReferenceStore {
    /// `key` names `digest`, or nothing.
    fileprivate func mustName(
        _ digest: Digest?, by key: ReferenceKey, in instance: InstanceName = .unnamed
    ) async throws {
        let found = try await reference(key, in: instance)
        let sentence = { (digest: Digest?) in digest.map { "\($0)" } ?? "nothing" }
        try promise(
            found == digest,
            "\(MalformedValue.quoted(key.text)) names \(sentence(found)), not \(sentence(digest)).")
    }
}
