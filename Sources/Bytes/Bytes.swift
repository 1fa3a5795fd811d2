// SPDX-License-Identifier: Apache-2.0

private import Glibc

/// An immutable slice of memory that stays alive as long as somebody holds it.
///
/// Slicing, passing and storing never copy what it points at: the slice refers to memory that its owner frees
/// when the last reference is gone. The owner may be a heap block, a buffer of a pool, or a slice of the gRPC core.
@frozen
public struct Bytes: Sendable {
    // The memory is never written to after a `Bytes` over it exists, and `owner` keeps it alive; that is what
    // makes sharing the pointer between threads sound.
    @usableFromInline nonisolated(unsafe) let start: UnsafeRawPointer?

    /// The length in bytes.
    public let count: Int

    /// What keeps the memory alive; nil for the empty slice.
    public let owner: (any AnyObject & Sendable)?

    /// The empty slice.
    @inlinable
    public init() {
        start = nil
        count = 0
        owner = nil
    }

    /// A slice over memory that `owner` keeps valid and unchanged for as long as it lives.
    ///
    /// The empty slice holds no owner: nothing stays alive for no bytes.
    @inlinable
    public init(unsafeMemory memory: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        start = memory.isEmpty ? nil : memory.baseAddress
        count = memory.count
        self.owner = memory.isEmpty ? nil : owner
    }

    /// Whether there is nothing in it.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// Calls `body` with the memory; the pointer must not leave the closure.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The byte at `position`, counted from the start of the slice.
    @inlinable
    public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count, "position outside the slice")
        return withUnsafeBytes { $0[position] }
    }

    /// A part of it that shares the memory.
    @inlinable
    public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the slice")
        guard let start, let owner else { return Bytes() }
        let memory = UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
        return Bytes(unsafeMemory: memory, owner: owner)
    }
}

extension Bytes: Equatable {
    /// Whether both hold the same bytes, wherever they are.
    public static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count, let a = left.start, let b = right.start else {
            return left.isEmpty && right.isEmpty
        }
        return withExtendedLifetime((left.owner, right.owner)) { memcmp(a, b, left.count) == 0 }
    }
}

extension Bytes: CustomStringConvertible {
    /// The length, never the content: a log line must not carry a blob.
    public var description: String { "\(count) bytes" }
}
