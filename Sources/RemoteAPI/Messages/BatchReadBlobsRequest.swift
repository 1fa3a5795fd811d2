// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// A request for many small blobs.
public struct BatchReadBlobsRequest: WireMessage, Equatable {
    /// The namespace of the client.
    public var instanceName: String
    /// The blobs asked for.
    public var digests: [DigestClaim]
    /// How they may be packed, besides not at all; ways that this API does not know are left out.
    public var acceptableCompressors: [Compressor]
    /// The function of the digests; nil if the client did not say.
    public var digestFunction: DigestFunction?

    /// A request of these parts.
    public init(
        instanceName: String = "", digests: [DigestClaim] = [], acceptableCompressors: [Compressor] = [],
        digestFunction: DigestFunction? = nil
    ) {
        self.instanceName = instanceName
        self.digests = digests
        self.acceptableCompressors = acceptableCompressors
        self.digestFunction = digestFunction
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        let function = try WireReader.digestFunction(in: bytes, field: 4)
        self = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var message = BatchReadBlobsRequest(digestFunction: function)
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): message.instanceName = try reader.text()
                case (2, .delimited): message.digests.append(try reader.claim(function))
                case (3, .varint): message.accept(try reader.varint())
                case (3, .delimited): try message.acceptPacked(&reader)
                default: try reader.skip(tag)
                }
            }
            return message
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let digests = digests.reduce(0) { $0 + WireSize.digest($1) }
        let capacity = 32 + instanceName.utf8.count + digests + acceptableCompressors.count
        return WireWriter.write(capacity: capacity) { writer in
            writer.text(1, instanceName)
            for digest in self.digests { writer.digest(2, digest) }
            writePacked(to: &writer)
            writer.varint(4, digestFunction.wireNumber)
        }
    }

    private mutating func accept(_ number: UInt64) {
        if let compressor = Compressor(wireNumber: number) { acceptableCompressors.append(compressor) }
    }

    private mutating func acceptPacked(_ reader: inout WireReader) throws(MalformedValue) {
        try reader.packed { (reader) throws(MalformedValue) in
            while !reader.isAtEnd { accept(try reader.varint()) }
        }
    }

    /// A compressor's number is one byte.
    private func writePacked(to writer: inout WireWriter) {
        guard !acceptableCompressors.isEmpty else { return }
        writer.startDelimited(3, length: acceptableCompressors.count)
        writer.append(length: acceptableCompressors.count) { room in
            for (position, compressor) in acceptableCompressors.enumerated() {
                room[position] = compressor.rawValue
            }
        }
    }
}
