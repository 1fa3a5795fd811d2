// SPDX-License-Identifier: Apache-2.0

/// Something wrong that the check of a store came upon.
public struct StoreFinding: Sendable, Equatable {
    /// What kind of thing is wrong.
    public enum Kind: String, Sendable, Encodable {
        /// The first bytes of a segment do not say that it is one.
        case segmentHeader = "segment header"
        /// An entry of the index leads into a segment that is not there.
        case missingSegment = "missing segment"
        /// An entry of the index leads to a record that is not whole, or whose content is not that of its digest.
        case blob = "blob"
        /// The file of a large blob is not there, or its content is not that of its digest.
        case largeBlob = "large blob"
        /// A slot of the index is not whole.
        case indexSlot = "index slot"
        /// A file among the large blobs that no record names.
        case unnamedFile = "unnamed file"
        /// A reference whose tree is not complete, or that is none.
        case reference = "reference"
        /// The database of references and action results is damaged.
        case records = "records"
    }

    /// What is wrong.
    public let kind: Kind

    /// Where: a path below the root, with an offset where there is one, or a reference.
    public let place: String

    /// What should have been found.
    public let expected: String

    /// What was found.
    public let found: String

    /// Whether it was put right, by dropping it.
    public let isRepaired: Bool
}
