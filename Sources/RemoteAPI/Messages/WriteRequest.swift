// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// A piece of a blob on its way to the server (`google.bytestream.WriteRequest`).
public struct WriteRequest: WireMessage, Equatable {
    /// What is written; may be empty after the first message.
    public var resourceName: String
    /// Where in the upload the data begins.
    public var writeOffset: Int64
    /// Whether nothing follows.
    public var finishWrite: Bool
    /// The piece.
    public var data: ByteChain

    /// A request of these parts.
    public init(
        resourceName: String = "", writeOffset: Int64 = 0, finishWrite: Bool = false,
        data: ByteChain = ByteChain()
    ) {
        self.resourceName = resourceName
        self.writeOffset = writeOffset
        self.finishWrite = finishWrite
        self.data = data
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        self = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var message = WriteRequest()
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): message.resourceName = try reader.text()
                case (2, .varint): message.writeOffset = Int64(bitPattern: try reader.varint())
                case (3, .varint): message.finishWrite = try reader.varint() != 0
                case (10, .delimited): message.data = try reader.payload()
                default: try reader.skip(tag)
                }
            }
            return message
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let capacity = 40 + resourceName.utf8.count + WireWriter.lendingThreshold
        return WireWriter.write(capacity: capacity) { writer in
            writer.text(1, resourceName)
            writer.varint(2, writeOffset)
            writer.varint(3, finishWrite ? 1 : UInt64(0))
            writer.payload(10, data)
        }
    }
}
