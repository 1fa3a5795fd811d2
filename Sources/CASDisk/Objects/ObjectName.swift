// SPDX-License-Identifier: Apache-2.0

/// The name of a large blob's file: `KEY-STOREDSIZE-SEQUENCE`, never used twice as sequence numbers are not.
struct ObjectName: Hashable, Sendable {
    let key: IndexKey
    let storedSize: Int
    let sequence: UInt64

    init(key: IndexKey, storedSize: Int, sequence: UInt64) {
        self.key = key
        self.storedSize = storedSize
        self.sequence = sequence
    }

    /// The directory under `objects/` that it is in: the first byte of the key.
    var directory: String { hexadecimal(UInt64(key.firstByte), digits: 2) }

    var text: String { "\(key.hexadecimal)-\(storedSize)-\(String(sequence, radix: 16))" }

    /// The name that `text` is, or nil.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let key = IndexKey(hexadecimal: parts[0]),
            let storedSize = Int(parts[1]), let sequence = UInt64(parts[2], radix: 16)
        else { return nil }
        self.init(key: key, storedSize: storedSize, sequence: sequence)
    }
}
