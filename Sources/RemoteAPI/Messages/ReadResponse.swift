// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// A piece of a blob on its way to a client (`google.bytestream.ReadResponse`).
public struct ReadResponse: WireMessage, Equatable {
    /// The piece.
    public var data: ByteChain

    /// A response with `data`.
    public init(data: ByteChain) {
        self.data = data
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        data = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var data = ByteChain()
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (10, .delimited): data = try reader.payload()
                default: try reader.skip(tag)
                }
            }
            return data
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        WireWriter.write(capacity: 16 + WireWriter.lendingThreshold) { $0.payload(10, data) }
    }
}
