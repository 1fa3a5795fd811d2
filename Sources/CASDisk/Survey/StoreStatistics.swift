// SPDX-License-Identifier: Apache-2.0

/// What is in the directory of a store, as it can be seen from outside, whether a process holds it or not.
public struct StoreStatistics: Sendable, Equatable, Encodable {
    /// How many bytes of disk are in use for what.
    public struct Use: Sendable, Equatable, Encodable {
        /// Small blobs, and the records of large ones.
        public internal(set) var segments = 0
        /// The files of large blobs.
        public internal(set) var objects = 0
        /// Unfinished uploads.
        public internal(set) var uploads = 0
        /// The table of digests.
        public internal(set) var index = 0
        /// References and action results.
        public internal(set) var records = 0

        /// All of them.
        public var total: Int { segments + objects + uploads + index + records }

        private enum CodingKeys: CodingKey {
            case segments, objects, uploads, index, records, total
        }

        /// Encodes each use, and the total.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(segments, forKey: .segments)
            try container.encode(objects, forKey: .objects)
            try container.encode(uploads, forKey: .uploads)
            try container.encode(index, forKey: .index)
            try container.encode(records, forKey: .records)
            try container.encode(total, forKey: .total)
        }
    }

    /// How the table of digests is filled.
    public struct Index: Sendable, Equatable, Encodable {
        /// How many slots hold a blob.
        public internal(set) var entries = 0
        /// How many slots were freed and cannot be used before the table is made anew.
        public internal(set) var deleted = 0
        /// How many slots there are.
        public internal(set) var slots = 0
        /// How many bytes are mapped for each entry; 0 without entries. Files that only a checkpoint holds on to are
        /// not.
        public internal(set) var bytesPerEntry = 0.0
    }

    /// How the last process to hold the store left it.
    public enum Ending: String, Sendable, Encodable {
        /// No process has opened it, or its state is gone.
        case unknown
        /// With a close.
        case clean
        /// With its death; the machine went on.
        case killed
        /// With the machine.
        case powerLost = "power lost"
        /// It still holds the store.
        case open
    }

    /// The directory.
    public internal(set) var root = ""

    /// The process that holds the store, nil if none does.
    public internal(set) var holder: Int?

    /// How the last process to hold it left it.
    public internal(set) var ending = Ending.unknown

    /// What was the most that the last server might use, nil for no limit.
    public internal(set) var maximumSize: Int?

    /// What occupies the disk.
    public internal(set) var bytes = Use()

    /// How many blobs there are, small and large.
    public internal(set) var blobs = 0

    /// How many files of large blobs there are.
    public internal(set) var largeBlobs = 0

    /// How many references there are.
    public internal(set) var references = 0

    /// How many action results there are.
    public internal(set) var actionResults = 0

    /// How many segments there are.
    public internal(set) var segments = 0

    /// When the oldest segment was begun, in seconds since 1970; nil if there is none.
    public internal(set) var oldestSegmentBegun: Int?

    /// How many unfinished uploads are parked in files.
    public internal(set) var uploads = 0

    /// The table of digests.
    public internal(set) var index = Index()
}
