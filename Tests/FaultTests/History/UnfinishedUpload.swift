// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore

/// An upload that a history left parked.
struct UnfinishedUpload {
    let key: UploadKey
    let blob: WholeBlob

    /// How many bytes the store must have kept, nil if it may have kept fewer.
    let kept: Int?

    /// The same after the process ended.
    var forgotten: UnfinishedUpload { UnfinishedUpload(key: key, blob: blob, kept: nil) }
}
