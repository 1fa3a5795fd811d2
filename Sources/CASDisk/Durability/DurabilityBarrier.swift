// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Comes between the blobs that were acknowledged and what names them.
///
/// So far it promises order within the process only: when ``pass()`` returns, every acknowledged blob is in
/// the log and the index, which survives the death of the process. Bringing them to the disk, so that they
/// survive power loss, is where its body will go (DESIGN.md §5, Durability); its callers are complete.
struct DurabilityBarrier: Sendable {
    /// Returns when everything acknowledged before the call is as durable as the store makes it.
    func pass() async throws(StoreError) {}

    /// The same, for the close of the store.
    func passBlocking() throws(StoreError) {}
}
