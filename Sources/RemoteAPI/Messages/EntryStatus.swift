// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC

/// A `google.rpc.Status` under way within a batch: how one entry of it went.
///
/// Details are passed over: no entry of a batch has any that a program needs.
struct EntryStatusParts {
    private var code: Int32 = 0
    private var message = ""

    /// Takes the parts that the `Status` message in front of `reader` has.
    mutating func merge(_ reader: inout WireReader) throws(MalformedValue) {
        try reader.message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .varint): code = Int32(truncatingIfNeeded: try reader.varint())
                case (2, .delimited): message = try reader.text()
                case (3, .delimited): try Self.check(detail: &reader)
                default: try reader.skip(tag)
                }
            }
        }
    }

    /// The status of these parts; a code without a name is UNKNOWN.
    var status: RPCStatus { RPCStatus(RPCStatus.Code(rawValue: Int(code)) ?? .unknown, message) }

    /// Passes over a `google.protobuf.Any`, which must be one.
    private static func check(detail reader: inout WireReader) throws(MalformedValue) {
        try reader.message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): _ = try reader.text()
                default: try reader.skip(tag)
                }
            }
        }
    }
}

extension WireWriter {
    /// A field with a `google.rpc.Status`, present even if it says OK.
    mutating func status(_ field: Int, _ status: RPCStatus) {
        startDelimited(field, length: WireSize.content(status))
        varint(1, UInt64(status.code.rawValue))
        text(2, status.message)
    }
}

extension WireSize {
    /// The content of a `google.rpc.Status`.
    static func content(_ status: RPCStatus) -> Int {
        varint(UInt64(status.code.rawValue)) + text(status.message)
    }

    /// A field with a `google.rpc.Status`.
    static func status(_ status: RPCStatus) -> Int { delimited(content(status)) }
}

extension Optional<Compressor> {
    /// The number of the compressor on the wire; the highest there can be for one that is not known.
    var wireNumber: UInt64 { self.map { UInt64($0.rawValue) } ?? UInt64(Int32.max) }
}

extension ByteChain {
    /// How much room it takes in the block of a ``WireWriter``.
    var copiedSize: Int { count <= WireWriter.lendingThreshold ? count : 0 }
}
