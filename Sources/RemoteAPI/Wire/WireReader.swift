// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel

/// Takes an encoded message apart from front to back, wherever its slices are cut, without copying payloads.
///
/// Accepts and refuses what swift-protobuf does. Exists only within ``read(_:_:)``.
struct WireReader {
    /// How deep messages and groups may be nested in a message; the limit of swift-protobuf, less the message itself.
    static let maximumDepth = 99

    // The pointers are into the slices, which `read` keeps alive for as long as a reader exists.
    private var cursor: UnsafeRawPointer
    /// Where to stop in the current slice: at its end, or at the end of the message.
    private var stop: UnsafeRawPointer
    private var sliceEnd: UnsafeRawPointer
    /// The offset of `sliceEnd` from the start of the chain.
    private var sliceEndOffset: Int
    /// The offset of the end of the message from the start of the chain.
    private var limit: Int
    private var current: Int
    private let slices: [Bytes]
    /// Copies of short values that lie in more than one slice.
    private var copies: [Bytes] = []
    private var depth = WireReader.maximumDepth

    /// What `body` makes of the message in `chain`; the reader must not leave `body`.
    static func read<Message>(
        _ chain: ByteChain, _ body: (inout WireReader) throws(MalformedValue) -> Message
    ) throws(MalformedValue) -> Message {
        defer { withExtendedLifetime(chain) {} }
        var reader = WireReader(chain)
        defer { withExtendedLifetime(reader.copies) {} }
        return try body(&reader)
    }

    private init(_ chain: ByteChain) {
        slices = chain.slices
        limit = chain.count
        current = -1
        sliceEndOffset = 0
        cursor = Self.nowhere
        stop = Self.nowhere
        sliceEnd = Self.nowhere
        if !slices.isEmpty { startNextSlice() }
    }

    /// An address to start from when there is nothing to read; never read.
    private static var nowhere: UnsafeRawPointer { UnsafeRawPointer(bitPattern: 1)! }

    /// Whether nothing of the message is left.
    var isAtEnd: Bool { remaining == 0 }

    /// How many bytes of the message are left.
    private var remaining: Int { limit - sliceEndOffset + (sliceEnd - cursor) }

    /// The tag of the next field, or nil at the end of the message.
    mutating func nextTag() throws(MalformedValue) -> WireTag? {
        if cursor == stop {
            guard remaining > 0 else { return nil }
            startNextSlice()
        }
        guard let tag = WireTag(try tagNumber()), tag.type != .endGroup else {
            throw MalformedValue("The message has a field with an impossible tag.")
        }
        return tag
    }

    /// A number of variable length.
    mutating func varint() throws(MalformedValue) -> UInt64 {
        if cursor < stop {
            let byte = cursor.load(as: UInt8.self)
            if byte < 0x80 {
                cursor += 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    /// A message within the message, which `body` reads to its end.
    mutating func message<Value>(
        _ body: (inout WireReader) throws(MalformedValue) -> Value
    ) throws(MalformedValue) -> Value {
        guard depth > 0 else { throw Self.tooDeep }
        depth -= 1
        let value = try packed(body)
        depth += 1
        return value
    }

    /// Values one after the other without tags, which `body` reads to their end.
    mutating func packed<Value>(
        _ body: (inout WireReader) throws(MalformedValue) -> Value
    ) throws(MalformedValue) -> Value {
        let length = try self.length()
        let outerLimit = limit
        setLimit(limit - remaining + length)
        let value = try body(&self)
        setLimit(outerLimit)
        return value
    }

    /// A run of bytes, lent: nothing is copied.
    mutating func payload() throws(MalformedValue) -> ByteChain {
        var missing = try length()
        var chain = ByteChain()
        while missing > 0 {
            if cursor == stop { startNextSlice() }
            let count = min(missing, stop - cursor)
            let start = slices[current].count - (sliceEnd - cursor)
            chain.append(slices[current][start..<start + count])
            cursor += count
            missing -= count
        }
        return chain
    }

    /// A run of bytes in one piece, valid as long as the reader; copied only if it lies in several slices.
    mutating func run() throws(MalformedValue) -> UnsafeRawBufferPointer {
        let length = try self.length()
        if length <= stop - cursor {
            defer { cursor += length }
            return UnsafeRawBufferPointer(start: cursor, count: length)
        }
        let copy = Bytes(capacity: length) { room in
            copyBytes(to: room)
            return length
        }
        copies.append(copy)
        return copy.withUnsafeBytes { $0 }
    }

    /// A text.
    mutating func text() throws(MalformedValue) -> String {
        try Self.text(try run())
    }

    /// The text that `utf8` encodes.
    static func text(_ utf8: UnsafeRawBufferPointer) throws(MalformedValue) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw MalformedValue("The message has a text that is not UTF-8.")
        }
        return text
    }

    /// Passes over the value of the field whose `tag` was read last.
    mutating func skip(_ tag: WireTag) throws(MalformedValue) {
        switch tag.type {
        case .varint: _ = try varint()
        case .fixed64: try skip(bytes: 8)
        case .fixed32: try skip(bytes: 4)
        case .delimited: try skip(bytes: try length())
        case .startGroup: try skipGroup(tag.field)
        case .endGroup: throw MalformedValue("The message ends a group that it did not start.")
        }
    }

    private mutating func skipGroup(_ field: Int) throws(MalformedValue) {
        guard depth > 0 else { throw Self.tooDeep }
        depth -= 1
        while true {
            guard let tag = WireTag(try varint()) else {
                throw MalformedValue("The message has a field with an impossible tag.")
            }
            if tag.type == .endGroup {
                guard tag.field == field else { throw MalformedValue("The message ends the wrong group.") }
                depth += 1
                return
            }
            try skip(tag)
        }
    }

    private mutating func skip(bytes count: Int) throws(MalformedValue) {
        guard count <= remaining else { throw Self.truncated }
        var missing = count
        while missing > stop - cursor {
            missing -= stop - cursor
            startNextSlice()
        }
        cursor += missing
    }

    /// The length of a delimited value, all of which is there.
    private mutating func length() throws(MalformedValue) -> Int {
        let number = try varint()
        guard number <= UInt64(remaining) else { throw Self.truncated }
        return Int(number)
    }

    /// A tag is a varint of at most 32 bits in at most five bytes.
    private mutating func tagNumber() throws(MalformedValue) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 28, by: 7) {
            let byte = try self.byte()
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw MalformedValue("The message has a field with an impossible tag.")
    }

    private mutating func longVarint() throws(MalformedValue) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try self.byte()
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw MalformedValue("The message has a number of more than ten bytes.")
    }

    private mutating func byte() throws(MalformedValue) -> UInt8 {
        if cursor == stop {
            guard remaining > 0 else { throw Self.truncated }
            startNextSlice()
        }
        defer { cursor += 1 }
        return cursor.load(as: UInt8.self)
    }

    private mutating func copyBytes(to room: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < room.count {
            if cursor == stop { startNextSlice() }
            let count = min(room.count - filled, stop - cursor)
            let source = UnsafeRawBufferPointer(start: cursor, count: count)
            UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(from: source)
            cursor += count
            filled += count
        }
    }

    /// Goes on in the next slice; there is one, since the message is not at its end.
    private mutating func startNextSlice() {
        current += 1
        let slice = slices[current].withUnsafeBytes { $0 }
        cursor = slice.baseAddress!
        sliceEnd = cursor + slice.count
        sliceEndOffset += slice.count
        setLimit(limit)
    }

    private mutating func setLimit(_ limit: Int) {
        self.limit = limit
        stop = sliceEnd - max(sliceEndOffset - limit, 0)
    }

    private static var truncated: MalformedValue {
        MalformedValue("The message ends in the middle of a field.")
    }
    private static var tooDeep: MalformedValue {
        MalformedValue("The message is nested more than \(maximumDepth) deep.")
    }
}
