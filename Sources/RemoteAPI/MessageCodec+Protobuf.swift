// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import CoreGRPC
public import SwiftProtobuf

extension MessageCodec where Message: SwiftProtobuf.Message {
    /// The codec that swift-protobuf generated. One slice is decoded where it lies; several are joined first.
    public static var protobuf: MessageCodec {
        MessageCodec(
            decode: { chain in try Message(serializedBytes: ContiguousBytes(chain.joined())) },
            encode: { message in
                let encoded: ContiguousBytes = try message.serializedBytes()
                return ByteChain(encoded.bytes)
            })
    }
}

/// Bytes as swift-protobuf reads and writes them.
private struct ContiguousBytes: SwiftProtobufContiguousBytes {
    let bytes: Bytes

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    init(repeating byte: UInt8, count: Int) {
        bytes = Bytes(capacity: count) { room in
            for position in room.indices { room[position] = byte }
            return count
        }
    }

    init(_ sequence: some Sequence<UInt8>) {
        bytes = Bytes(Array(sequence))
    }

    var count: Int { bytes.count }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }

    mutating func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        // The encoder wants an address even if it writes nothing there: a message of all defaults has no bytes.
        guard !bytes.isEmpty else {
            return try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { room in
                try body(UnsafeMutableRawBufferPointer(rebasing: room[..<0]))
            }
        }
        // Called once by the encoder, on what it has made with `init(repeating:count:)` and nobody else has seen.
        return try bytes.withUnsafeBytes { try body(UnsafeMutableRawBufferPointer(mutating: $0)) }
    }
}
