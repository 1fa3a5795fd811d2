// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// Keeps the results of actions, as the bytes that the service makes of them.
///
/// Conforming types pass `ActionResultStoreSuite` of CASTesting.
public protocol ActionResultStore: Sendable {
    /// The result kept under `key`, or nil. Counts as a use of the result, not of the blobs it names.
    func actionResult(_ key: ActionKey) async throws(StoreError) -> Bytes?

    /// Keeps `result` under `key`, in place of what was there.
    ///
    /// When it returns, it survives whatever the store's durability promises, together with every blob that was
    /// acknowledged before.
    func updateActionResult(_ key: ActionKey, to result: Bytes) async throws(StoreError)

    /// Forgets the result under `key`, if there is one.
    func forgetActionResult(_ key: ActionKey) async throws(StoreError)
}
