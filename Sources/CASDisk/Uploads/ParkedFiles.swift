// SPDX-License-Identifier: Apache-2.0

/// The two files of a parked upload, and what they occupy.
struct ParkedFiles {
    /// The path of the bytes, `uploads/N`.
    let path: String

    /// What the file of the bytes occupies.
    let occupied: Int

    let description: UploadDescription

    /// The path of the description.
    var descriptionPath: String { Self.descriptionPath(besides: path) }

    /// What the file of the description occupies.
    var descriptionOccupied: Int { SpaceLedger.blocks(description.encodedSize) }

    static let suffix = ".key"

    static func descriptionPath(besides path: String) -> String { path + suffix }
}
