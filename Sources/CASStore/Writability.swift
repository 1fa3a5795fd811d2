// SPDX-License-Identifier: Apache-2.0

/// Whether a store takes writes.
///
/// A store that is merely full does: it serves reads, and refuses what does not fit with
/// ``StoreError/Code/noSpace``.
public enum Writability: Sendable, Equatable {
    /// It does, as far as it knows.
    case writable
    /// It does not, because of what the sentence says; it is for the operator and may name paths.
    case readOnly(String)
}
