// SPDX-License-Identifier: Apache-2.0

public import CASStore

extension DiskStore {
    /// Whether the store takes writes, by how the last ones went: after several in a row that failed it does not
    /// until one succeeds, after a sync that failed not before it is opened again.
    public var writability: Writability { writes.writability }

    /// The same, after trying a write if the last ones failed, as nobody else may be left who does.
    public func checkWritability() -> Writability {
        guard writes.writability != .writable else { return .writable }
        do throws(StoreError) {
            try writeProbe.run()
            writes.noteSuccess()
        } catch {
            // A disk that is full takes writes: it says so.
            if error.code == .noSpace { writes.noteSuccess() } else { writes.note(error) }
        }
        return writes.writability
    }
}
