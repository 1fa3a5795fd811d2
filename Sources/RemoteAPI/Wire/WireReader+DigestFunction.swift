// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel

extension WireReader {
    /// The digest function that the message in `bytes` names in `field`; nil if it names none.
    ///
    /// The field stands behind the digests it is about, so it is looked for before they are parsed.
    static func digestFunction(in bytes: ByteChain, field: Int) throws(MalformedValue) -> DigestFunction? {
        let number = try read(bytes) { (reader) throws(MalformedValue) in
            var number: UInt64 = 0
            while let tag = try reader.nextTag() {
                if tag.field == field, tag.type == .varint {
                    number = try reader.varint()
                } else {
                    try reader.skip(tag)
                }
            }
            return number
        }
        let value = Int32(truncatingIfNeeded: number)
        guard value != 0 else { return nil }
        guard let function = UInt8(exactly: value).flatMap(DigestFunction.init(rawValue:)) else {
            throw MalformedValue("The digest function number \(value) is not known.")
        }
        return function
    }
}

extension Optional<DigestFunction> {
    /// The number of the function on the wire; 0 for none.
    var wireNumber: UInt64 { self.map { UInt64($0.rawValue) } ?? 0 }
}

extension Compressor {
    /// The compressor with this number on the wire, or nil if there is none.
    init?(wireNumber: UInt64) {
        guard let number = UInt8(exactly: Int32(truncatingIfNeeded: wireNumber)) else { return nil }
        self.init(rawValue: number)
    }
}
