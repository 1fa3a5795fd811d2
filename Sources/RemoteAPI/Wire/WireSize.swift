// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// How many bytes ``WireWriter`` writes for a field; field numbers are below 16, so that every tag is one byte.
enum WireSize {
    /// A number without a tag.
    static func number(_ value: UInt64) -> Int {
        (70 - (value | 1).leadingZeroBitCount) / 7
    }

    /// A field with a number.
    static func varint(_ value: UInt64) -> Int {
        value == 0 ? 0 : 1 + number(value)
    }

    /// A field with a signed number.
    static func varint(_ value: Int64) -> Int {
        varint(UInt64(bitPattern: value))
    }

    /// A field of `length` bytes, present even if there are none.
    static func delimited(_ length: Int) -> Int {
        1 + number(UInt64(length)) + length
    }

    /// A field with a text.
    static func text(_ value: String) -> Int {
        value.isEmpty ? 0 : delimited(value.utf8.count)
    }

    /// A field with bytes.
    static func payload(_ value: ByteChain) -> Int {
        value.isEmpty ? 0 : delimited(value.count)
    }
}
