// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting

@testable import CASDisk

extension StoreHistory {
    // Few keys, so that they are written again and again.
    private func drawReferenceKey() throws -> ReferenceKey {
        try ReferenceKey("key \(Int.random(in: 0..<5, using: &random))")
    }

    private func drawActionKey() throws -> ActionKey {
        var chosen = SeededRandom(seed: UInt64.random(in: 0..<3, using: &random))
        return ActionKey(instance: .unnamed, action: chosen.digest(size: 10))
    }

    func updateReference() async throws {
        guard let digest = blobs.certain.randomElement(using: &random) else { return }
        let key = try drawReferenceKey()
        note("\(key) becomes \(digest)")
        try await update(\.references, key, to: digest) { (store) throws(StoreError) in
            try await store.updateReferences([key], in: .unnamed, to: digest)
        }
    }

    func updateResult() async throws {
        let key = try drawActionKey()
        let result = random.bytes(Int.random(in: 1...500, using: &random))
        note("a result is updated")
        try await update(\.results, key, to: result.withUnsafeBytes { Array($0) }) {
            (store) throws(StoreError) in
            try await store.updateActionResult(key, to: result)
        }
    }

    func forget() async throws {
        guard happens(0.5) else {
            let key = try drawActionKey()
            note("a result is forgotten")
            return try await update(\.results, key, to: nil) { (store) throws(StoreError) in
                try await store.forgetActionResult(key)
            }
        }
        let key = try drawReferenceKey()
        try await observe(key)
        guard let digest = references[key]?.acknowledged else { return }
        note("\(key) is forgotten")
        try await update(\.references, key, to: nil) { (store) throws(StoreError) in
            try await store.forgetReference(key, in: .unnamed, naming: digest)
        }
    }

    private func update<Key: Hashable, Value: Equatable>(
        _ values: ReferenceWritableKeyPath<StoreHistory, [Key: ExpectedValue<Value>]>, _ key: Key,
        to value: Value?, by body: (DiskStore) async throws(StoreError) -> Void
    ) async throws {
        let before = disk.counts
        do {
            try await body(store)
            guard !disk.isDead else {
                return self[keyPath: values][key, default: .init()].attempt(value, after: blobs.certain)
            }
            if value != nil { try acknowledgeBarrier() }
            self[keyPath: values][key, default: .init()].acknowledge(value)
        } catch let error as StoreError {
            self[keyPath: values][key, default: .init()].attempt(value, after: blobs.certain)
            try excuse(error, since: before)
        }
    }

    /// The store says that all blobs acknowledged so far are on the disk.
    private func acknowledgeBarrier() throws {
        guard plan.promisesBarriers else { return }
        guard isTrusted else { throw Violation("an update was acknowledged after a sync that failed") }
        blobs.promise(blobs.certain)
    }

    /// A name that the store knows is as good as an acknowledgement of what it reaches.
    private func promise(_ digests: [Digest]) {
        guard plan.promisesBarriers else { return }
        blobs.promise(digests)
    }

    /// Holds what the store says of every name against what was acknowledged.
    func observeNames() async throws {
        for key in references.keys.sorted(by: { $0.text < $1.text }) { try await observe(key) }
        for key in results.keys.sorted(by: { $0.action.description < $1.action.description }) {
            let found = try await reading { (store) throws(StoreError) in try await store.actionResult(key) }
            guard let found else { continue }
            let bytes = found?.withUnsafeBytes { Array($0) }
            promise(try results[key, default: .init()].observe(bytes, of: "\(key)"))
        }
    }

    private func observe(_ key: ReferenceKey) async throws {
        let found = try await reading { (store) throws(StoreError) in
            try await store.reference(key, in: .unnamed)
        }
        guard let found else { return }
        promise(try references[key, default: .init()].observe(found, of: "\(key)"))
    }

    /// What `body` reads, or nil if it fails with an excuse.
    private func reading<Value>(
        _ body: (DiskStore) async throws(StoreError) -> Value
    ) async throws -> Value? {
        let before = disk.counts
        do throws(StoreError) {
            return try await body(store)
        } catch {
            try excuse(error, since: before)
            return nil
        }
    }
}
