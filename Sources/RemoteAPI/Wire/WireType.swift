// SPDX-License-Identifier: Apache-2.0

/// How the value of a field is laid out, with its number on the wire.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}

/// What stands in front of a field: its number, and how its value is laid out.
struct WireTag {
    let field: Int
    let type: WireType
}

extension WireTag {
    /// The tag that `number` spells, or nil if there is none.
    init?(_ number: UInt64) {
        guard number <= UInt64(UInt32.max), number >> 3 != 0, let type = WireType(rawValue: UInt8(number & 7))
        else {
            return nil
        }
        self.init(field: Int(number >> 3), type: type)
    }
}
