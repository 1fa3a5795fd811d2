// SPDX-License-Identifier: Apache-2.0

/// A sequence of slices read as one run of bytes: a message or a payload in the pieces it arrived in.
public struct ByteChain: Sendable {
    /// The slices in order; none of them is empty.
    public private(set) var slices: [Bytes]

    /// The length of all slices together, in bytes.
    public private(set) var count: Int

    /// The empty chain.
    public init() {
        slices = []
        count = 0
    }

    /// A chain of one slice.
    public init(_ slice: Bytes) {
        slices = slice.isEmpty ? [] : [slice]
        count = slice.count
    }

    /// A chain of `slices`, without those that are empty.
    public init(_ slices: [Bytes]) {
        self.slices = slices.contains(where: \.isEmpty) ? slices.filter { !$0.isEmpty } : slices
        count = slices.reduce(0) { $0 + $1.count }
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { count == 0 }

    /// Puts `slice` at the end.
    public mutating func append(_ slice: Bytes) {
        guard !slice.isEmpty else { return }
        slices.append(slice)
        count += slice.count
    }

    /// Puts all slices of `chain` at the end.
    public mutating func append(_ chain: ByteChain) {
        slices += chain.slices
        count += chain.count
    }

    /// A part of it that shares the memory.
    public subscript(range: Range<Int>) -> ByteChain {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the chain")
        var part = ByteChain()
        var start = 0
        for slice in slices where part.count < range.count {
            let from = max(range.lowerBound - start, 0)
            let to = min(range.upperBound - start, slice.count)
            if from < to { part.append(slice[from..<to]) }
            start += slice.count
        }
        return part
    }

    /// One slice with the same bytes: the slice itself if there is only one, else a copy.
    public func joined() -> Bytes {
        guard slices.count > 1 else { return slices.first ?? Bytes() }
        return Bytes(capacity: count) { room in
            var at = 0
            for slice in slices {
                slice.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: room[at...]).copyMemory(from: $0)
                }
                at += slice.count
            }
            return at
        }
    }
}

extension ByteChain: Equatable {
    /// Whether both hold the same bytes, however they are cut.
    public static func == (left: ByteChain, right: ByteChain) -> Bool {
        left.count == right.count && left.joined() == right.joined()
    }
}
