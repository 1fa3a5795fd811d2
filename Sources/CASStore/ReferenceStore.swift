// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// Keeps names for trees: BuildStream's references, each an instance, a key, and the digest of a root directory.
///
/// Conforming types pass `ReferenceStoreSuite` of CASTesting.
public protocol ReferenceStore: Sendable {
    /// The digest that `key` names, or nil. Counts as a use of the reference, not of what it reaches.
    func reference(_ key: ReferenceKey, in instance: InstanceName) async throws(StoreError) -> Digest?

    /// Lets all of `keys` name `digest`, in one transaction.
    ///
    /// When it returns, they survive whatever the store's durability promises, together with every blob that was
    /// acknowledged before.
    func updateReferences(
        _ keys: [ReferenceKey], in instance: InstanceName, to digest: Digest
    ) async throws(StoreError)

    /// Forgets `key` if it still names `digest`; what the digest names stays.
    func forgetReference(
        _ key: ReferenceKey, in instance: InstanceName, naming digest: Digest
    ) async throws(StoreError)
}
