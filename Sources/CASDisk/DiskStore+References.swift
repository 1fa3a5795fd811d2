// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CASStore

extension DiskStore: ReferenceStore {
    /// The digest that `key` names; its last use is written later.
    public func reference(_ key: ReferenceKey, in instance: InstanceName) async throws(StoreError) -> Digest?
    {
        try await references.digest(of: key, in: instance)
    }

    /// Lets all of `keys` name `digest`, once what was acknowledged before is on the disk.
    public func updateReferences(
        _ keys: [ReferenceKey], in instance: InstanceName, to digest: Digest
    ) async throws(StoreError) {
        try await room.retrying { () async throws(StoreError) in
            try await references.update(keys, in: instance, to: digest)
        }
    }

    /// Forgets `key` if it still names `digest`.
    public func forgetReference(
        _ key: ReferenceKey, in instance: InstanceName, naming digest: Digest
    ) async throws(StoreError) {
        try await room.retrying { () async throws(StoreError) in
            try await references.forget(key, in: instance, naming: digest)
        }
    }
}

extension DiskStore: ActionResultStore {
    /// The result kept under `key`; its last use is written later.
    public func actionResult(_ key: ActionKey) async throws(StoreError) -> Bytes? {
        try await actionResults.result(of: key)
    }

    /// Keeps `result` under `key`, once what was acknowledged before is on the disk.
    public func updateActionResult(_ key: ActionKey, to result: Bytes) async throws(StoreError) {
        try await room.retrying { () async throws(StoreError) in
            try await actionResults.update(key, to: result)
        }
    }

    /// Forgets the result under `key`.
    public func forgetActionResult(_ key: ActionKey) async throws(StoreError) {
        try await room.retrying { () async throws(StoreError) in try await actionResults.forget(key) }
    }
}
