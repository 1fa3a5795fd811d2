// SPDX-License-Identifier: Apache-2.0

/// What a check of a store went through, in numbers.
public struct StoreCheckSummary: Sendable, Equatable, Encodable {
    /// How many segments there are.
    public internal(set) var segments = 0
    /// How many whole records they hold.
    public internal(set) var records = 0
    /// How many of these nothing leads to: blobs that were stored again since, or dropped.
    public internal(set) var deadRecords = 0
    /// How many bytes of segments belong to no whole record: what a process was writing when it died.
    public internal(set) var strayBytes = 0
    /// How many large blobs were verified.
    public internal(set) var largeBlobs = 0
    /// How many files of large blobs are left that nothing leads to.
    public internal(set) var deadFiles = 0
    /// How many blobs the index has, before anything was repaired.
    public internal(set) var blobs = 0
    /// How many references were followed.
    public internal(set) var references = 0
    /// How many bytes of segments and large blobs were read.
    public internal(set) var bytesRead = 0
    /// How many things were found wrong.
    public internal(set) var findings = 0
    /// How many of these were put right.
    public internal(set) var repaired = 0

    /// Whether nothing is wrong any more.
    public var isSound: Bool { findings == repaired }
}
