// SPDX-License-Identifier: Apache-2.0

import CASModel

/// The 64 bytes of an entry in the index: one cache line, words in the byte order of the machine
/// (little-endian on every machine that Swift runs on).
///
///     0   key, 32 bytes
///     32  size, 48 bits; kind, 4 bits; function, 8 bits; encoding, 4 bits
///     40  sequence number, 48 bits; check, 16 bits
///     48  segment, 32 bits; offset / 32, 32 bits
///     56  payload size, 32 bits
///     60  last use, 32 bits: a word of its own, which is stored alone
///
/// The check makes a slot tell by itself whether it is whole: after power loss its page may be older than its
/// tag's.
enum IndexSlot {
    static let byteCount = 64
    static let largestSize = 1 << 48 - 1

    static func store(_ entry: IndexEntry, to slot: UnsafeMutableRawPointer) {
        entry.key.store(to: slot)
        let kinds =
            UInt64(entry.kind.rawValue) | UInt64(entry.function.rawValue) << 4 | UInt64(
                entry.encoding.rawValue) << 12
        let sized = UInt64(entry.size) | kinds << 48
        let place = UInt64(entry.place.segment) | UInt64(entry.place.offset / Place.alignment) << 32
        let payloadSize = UInt32(entry.payloadSize)
        let check = check(entry.key, sized, entry.sequence, place, payloadSize)
        slot.storeBytes(of: sized, toByteOffset: 32, as: UInt64.self)
        slot.storeBytes(of: entry.sequence | check << 48, toByteOffset: 40, as: UInt64.self)
        slot.storeBytes(of: place, toByteOffset: 48, as: UInt64.self)
        slot.storeBytes(of: payloadSize, toByteOffset: 56, as: UInt32.self)
        touch(slot, entry.lastUse)
    }

    /// The entry in `slot`, or nil if it is not whole.
    static func load(_ slot: UnsafeRawPointer) -> IndexEntry? {
        let key = IndexKey(loadedFrom: slot)
        let sized = slot.load(fromByteOffset: 32, as: UInt64.self)
        let numbered = slot.load(fromByteOffset: 40, as: UInt64.self)
        let place = slot.load(fromByteOffset: 48, as: UInt64.self)
        let payloadSize = slot.load(fromByteOffset: 56, as: UInt32.self)
        let sequence = numbered & (1 << 48 - 1)
        guard numbered >> 48 == check(key, sized, sequence, place, payloadSize),
            let kind = IndexEntry.Kind(rawValue: UInt8(sized >> 48 & 0xf)),
            let function = DigestFunction(rawValue: UInt8(sized >> 52 & 0xff)),
            let encoding = IndexEntry.Encoding(rawValue: UInt8(sized >> 60))
        else { return nil }
        return IndexEntry(
            key: key, kind: kind, function: function, encoding: encoding,
            size: Int(sized & (1 << 48 - 1)), payloadSize: Int(payloadSize), sequence: sequence,
            place: Place(
                segment: UInt32(truncatingIfNeeded: place), offset: Int(place >> 32) * Place.alignment),
            lastUse: slot.load(fromByteOffset: 60, as: UInt32.self))
    }

    static func hasKey(_ key: IndexKey, _ slot: UnsafeRawPointer) -> Bool {
        slot.load(as: UInt64.self) == key.first
            && slot.load(fromByteOffset: 8, as: UInt64.self) == key.second
            && slot.load(fromByteOffset: 16, as: UInt64.self) == key.third
            && slot.load(fromByteOffset: 24, as: UInt64.self) == key.fourth
    }

    static func size(_ slot: UnsafeRawPointer) -> Int {
        Int(slot.load(fromByteOffset: 32, as: UInt64.self) & (1 << 48 - 1))
    }

    static func touch(_ slot: UnsafeMutableRawPointer, _ time: UInt32) {
        slot.storeBytes(of: time, toByteOffset: 60, as: UInt32.self)
    }

    private static func check(
        _ key: IndexKey, _ sized: UInt64, _ sequence: UInt64, _ place: UInt64, _ payloadSize: UInt32
    ) -> UInt64 {
        // Odd factors spread each word over the high bits; the start makes a slot of zeros wrong.
        var mixed: UInt64 = 0x9e37_79b9_7f4a_7c15
        func mix(_ word: UInt64) {
            mixed = (mixed ^ word) &* 0xff51_afd7_ed55_8ccd
            mixed ^= mixed >> 32
        }
        mix(key.first)
        mix(key.second)
        mix(key.third)
        mix(key.fourth)
        mix(sized)
        mix(sequence)
        mix(place)
        mix(UInt64(payloadSize))
        return mixed >> 48
    }
}
