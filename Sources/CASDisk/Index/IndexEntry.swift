// SPDX-License-Identifier: Apache-2.0

import CASModel

/// What the index knows of a blob.
struct IndexEntry: Equatable, Sendable {
    /// Where the bytes of a blob are.
    enum Kind: UInt8, Sendable {
        /// In the record.
        case blob = 1
        /// In a file of its own, which the record names.
        case object = 2
    }

    /// How the stored bytes are packed; so far they are not.
    enum Encoding: UInt8, Sendable {
        case plain = 0
    }

    let key: IndexKey
    let kind: Kind
    let function: DigestFunction
    let encoding: Encoding

    /// The size of the blob, in bytes.
    let size: Int

    /// How many bytes follow the header of the record.
    let payloadSize: Int

    /// The number of the record; a later record has a higher one.
    let sequence: UInt64

    let place: Place

    /// When the blob was last used, in seconds since 1970.
    var lastUse: UInt32
}
