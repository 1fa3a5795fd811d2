// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Puts an encoded message together: everything but payloads goes into one block, and payloads are lent.
///
/// Exists only within ``write(capacity:_:)``.
struct WireWriter {
    /// Payloads up to this many bytes are copied; a slice of its own costs the gRPC core more than that.
    static let lendingThreshold = 512

    private let room: UnsafeMutableRawBufferPointer
    private var count = 0
    private var lent: [(position: Int, payload: ByteChain)] = []

    /// The message that `body` writes, with up to `capacity` bytes that are not lent.
    static func write(capacity: Int, _ body: (inout WireWriter) -> Void) -> ByteChain {
        var lent: [(position: Int, payload: ByteChain)] = []
        let block = Bytes(capacity: capacity) { room in
            var writer = WireWriter(room: room)
            body(&writer)
            lent = writer.lent
            return writer.count
        }
        return assemble(block, lent)
    }

    private init(room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    /// A field with a number, left out if it is 0.
    mutating func varint(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, .varint)
        number(value)
    }

    /// A field with a signed number, left out if it is 0.
    mutating func varint(_ field: Int, _ value: Int64) {
        varint(field, UInt64(bitPattern: value))
    }

    /// A field with a text, left out if it is empty.
    mutating func text(_ field: Int, _ value: String) {
        guard !value.isEmpty else { return }
        var value = value
        value.withUTF8 { utf8 in
            startDelimited(field, length: utf8.count)
            append(UnsafeRawBufferPointer(utf8))
        }
    }

    /// A field with bytes, left out if there are none; a long one is lent.
    mutating func payload(_ field: Int, _ value: ByteChain) {
        guard !value.isEmpty else { return }
        startDelimited(field, length: value.count)
        content(value)
    }

    /// Bytes as they are; lent if they are many.
    mutating func content(_ value: ByteChain) {
        guard value.count <= Self.lendingThreshold else { return lent.append((count, value)) }
        for slice in value.slices { slice.withUnsafeBytes { append($0) } }
    }

    /// The start of a field whose `length` bytes follow.
    mutating func startDelimited(_ field: Int, length: Int) {
        tag(field, .delimited)
        number(UInt64(length))
    }

    /// Lets `fill` write the next `length` bytes.
    mutating func append(length: Int, filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
        fill(UnsafeMutableRawBufferPointer(rebasing: room[count..<count + length]))
        count += length
    }

    private mutating func tag(_ field: Int, _ type: WireType) {
        number(UInt64(field << 3) | UInt64(type.rawValue))
    }

    private mutating func number(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            room[count] = UInt8(truncatingIfNeeded: rest) | 0x80
            count += 1
            rest >>= 7
        }
        room[count] = UInt8(rest)
        count += 1
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        append(length: bytes.count) { $0.copyMemory(from: bytes) }
    }

    private static func assemble(
        _ block: Bytes, _ lent: [(position: Int, payload: ByteChain)]
    ) -> ByteChain {
        var message = ByteChain()
        var written = 0
        for (position, payload) in lent {
            message.append(block[written..<position])
            message.append(payload)
            written = position
        }
        message.append(block[written..<block.count])
        return message
    }
}
