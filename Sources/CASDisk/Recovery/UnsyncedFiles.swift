// SPDX-License-Identifier: Apache-2.0

import CASStore

/// What processes before this one wrote since the last checkpoint, and may have died before they brought it to the
/// disk: the next barrier has to, as it covers every blob that was acknowledged, whoever did.
struct UnsyncedFiles {
    let catalog: BlobCatalog
    let checkpoint: Checkpoint?
    let dirty: DirtyFiles

    /// Notes all of it for the next sync.
    func note() throws(StoreError) {
        let segments = catalog.segments
        let start = checkpoint?.place.segment ?? 0
        for number in try segments.numbers() where number >= start { dirty.note(segments.path(number)) }
        dirty.note(directory: segments.files.segments)
        dirty.note(directory: segments.files.index)
        try catalog.objects.noteUnsynced(from: checkpoint?.sequence ?? 0)
    }
}
