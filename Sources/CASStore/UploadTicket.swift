// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// One opening of an upload, told apart from earlier and later ones under the same key.
public struct UploadTicket: Hashable, Sendable {
    /// What the upload is known by.
    public let key: UploadKey

    /// The number of the opening; a later opening has a higher one.
    public let generation: UInt64

    @inlinable
    init(key: UploadKey, generation: UInt64) {
        self.key = key
        self.generation = generation
    }
}
