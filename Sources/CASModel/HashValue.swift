// SPDX-License-Identifier: Apache-2.0

/// Up to 64 bytes of a hash, held inline.
///
/// The length is that of the digest function it belongs to; bytes past it are zero.
@frozen
public struct HashValue: Hashable, Sendable {
    /// The most bytes that a hash has (SHA-512).
    public static let capacity = 64

    @usableFromInline typealias Words = (UInt64, UInt64, UInt64, UInt64)
    @usableFromInline var low: Words = (0, 0, 0, 0)
    @usableFromInline var high: Words = (0, 0, 0, 0)

    /// A copy of `bytes`, of which there are at most ``capacity``.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= Self.capacity, "no digest function has a longer hash")
        withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
    }

    /// The value that `fill` writes into the zeroed bytes.
    @inlinable
    init<Failure: Error>(filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void)
        throws(Failure)
    {
        try withUnsafeMutableBytes(fill)
    }

    /// Calls `body` with all ``capacity`` bytes.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: self, body)
    }

    @inlinable
    mutating func withUnsafeMutableBytes<Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try Swift.withUnsafeMutableBytes(of: &self, body)
    }

    /// Whether both have the same bytes.
    @inlinable
    public static func == (left: HashValue, right: HashValue) -> Bool {
        left.low == right.low && left.high == right.high
    }

    /// Feeds the bytes to `hasher`.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        // Clients choose digests without content for them, so all bytes must count for a table not to degenerate.
        withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
