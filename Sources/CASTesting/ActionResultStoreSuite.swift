// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
public import CASStore

/// What a ``/CASStore/ActionResultStore`` promises, as checks that any store can be put through.
///
/// Every check gets a store of its own, without results.
public struct ActionResultStoreSuite: Sendable {
    /// Lends a fresh store to a check, and clears it away after it.
    public typealias Lender =
        @Sendable (_ check: @Sendable (any ActionResultStore) async throws -> Void) async throws -> Void

    private let lend: Lender

    /// The checks of the stores that `lend` lends.
    public init(lend: @escaping Lender) {
        self.lend = lend
    }

    /// The checks of the stores that `make` makes, which need no clearing away.
    public init(make: @escaping @Sendable () async throws -> any ActionResultStore) {
        self.init(lend: { check in try await check(try await make()) })
    }

    /// All promises of a store.
    public var allChecks: [PromiseCheck] {
        [
            check("an action without a result has none", unknown),
            check("a result comes back byte by byte, empty and large", anySize),
            check("an update replaces what was there", overwritten),
            check("results are told apart by every part of their key", keysApart),
            check("a result can be forgotten", forgotten),
            check("many updates at once all arrive", manyUpdates),
        ]
    }

    private func check(
        _ name: String, _ body: @escaping @Sendable (any ActionResultStore) async throws -> Void
    ) -> PromiseCheck {
        PromiseCheck(name) { [lend] in try await lend(body) }
    }

    private func key(_ action: Digest, in instance: InstanceName = .unnamed) -> ActionKey {
        ActionKey(instance: instance, action: action)
    }

    private func unknown(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 1)
        let key = key(random.digest(size: 1))
        try await store.mustHave(nil, under: key)
        try await store.forgetActionResult(key)
        try await store.mustHave(nil, under: key)
    }

    private func anySize(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 2)
        var results: [(ActionKey, Bytes)] = []
        for size in [0, 1, 100, 4_096, 1 << 20, 4 << 20] {
            results.append((key(random.digest(size: 140)), random.bytes(size)))
        }
        results.append((key(random.digest(size: 0)), Bytes([0, 0xFF, 0, 0x27, 0x0A])))
        for (key, result) in results { try await store.updateActionResult(key, to: result) }
        for (key, result) in results { try await store.mustHave(result, under: key) }
    }

    private func overwritten(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 3)
        let key = key(random.digest(size: 140))
        for size in [1_000, 10, 100_000, 0, 5, 5] {
            let result = random.bytes(size)
            try await store.updateActionResult(key, to: result)
            try await store.mustHave(result, under: key)
        }
    }

    private func keysApart(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 4)
        let hash = random.bytes(32)
        let actions = try [(DigestFunction.sha256, 1), (.sha256, 2), (.blake3, 1), (.sha256tree, 1)].map {
            part in
            try hash.withUnsafeBytes { try Digest(part.0, hash: $0, size: part.1) }
        }
        var keys: [ActionKey] = []
        for instance in ["", "a", "A", "a/b", "\u{E9}", "e\u{301}"] {
            for action in actions { keys.append(key(action, in: try InstanceName(instance))) }
        }
        for (number, key) in keys.enumerated() {
            try await store.mustHave(nil, under: key)
            try await store.updateActionResult(key, to: Bytes(utf8: "\(number)"))
        }
        for (number, key) in keys.enumerated() {
            try await store.mustHave(Bytes(utf8: "\(number)"), under: key)
        }
        try await store.forgetActionResult(keys[0])
        try await store.mustHave(nil, under: keys[0])
        for (number, key) in keys.enumerated().dropFirst() {
            try await store.mustHave(Bytes(utf8: "\(number)"), under: key)
        }
    }

    private func forgotten(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 5)
        let (key, other) = (key(random.digest(size: 140)), key(random.digest(size: 140)))
        for _ in 0..<2 {
            for key in [key, other] { try await store.updateActionResult(key, to: random.bytes(10)) }
            try await store.forgetActionResult(key)
            try await store.forgetActionResult(key)
            try await store.mustHave(nil, under: key)
            let kept = try await store.actionResult(other)
            try promise(kept?.count == 10, "Forgetting a result took another with it.")
        }
    }

    private func manyUpdates(_ store: any ActionResultStore) async throws {
        var random = SeededRandom(seed: 6)
        let shared = key(random.digest(size: 140))
        let keys = (0..<32).map { _ in key(random.digest(size: 140)) }
        try await withThrowingTaskGroup { group in
            for (number, key) in keys.enumerated() {
                group.addTask {
                    try await store.updateActionResult(key, to: Bytes(utf8: "\(number)"))
                    try await store.updateActionResult(shared, to: Bytes(utf8: "shared"))
                    try await store.mustHave(Bytes(utf8: "\(number)"), under: key)
                }
            }
            try await group.waitForAll()
        }
        for (number, key) in keys.enumerated() {
            try await store.mustHave(Bytes(utf8: "\(number)"), under: key)
        }
        try await store.mustHave(Bytes(utf8: "shared"), under: shared)
    }
}

extension ActionResultStore {
    /// `result` is kept under `key`, or nothing.
    fileprivate func mustHave(_ result: Bytes?, under key: ActionKey) async throws {
        let found = try await actionResult(key)
        let sentence = { (result: Bytes?) in result.map { "a result of \($0.count) bytes" } ?? "no result" }
        try promise(
            found == result, "Found \(sentence(found)) of \(key.action), not the same as \(sentence(result))."
        )
    }
}
