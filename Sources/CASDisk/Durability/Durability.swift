// SPDX-License-Identifier: Apache-2.0

/// When what was stored is brought to the disk, so that it survives the loss of power (DESIGN.md §5, Durability).
///
/// The death of the process takes nothing that was acknowledged, whatever this says.
public enum Durability: String, Sendable, CaseIterable {
    /// Before a reference or an action result is acknowledged: it survives with every blob acknowledged before it.
    case reference
    /// Before anything is acknowledged: every blob by itself survives too.
    case always
    /// Never: what was stored since the last checkpoint may be gone after a loss of power. What is found then is
    /// right, as ever.
    case none
}
