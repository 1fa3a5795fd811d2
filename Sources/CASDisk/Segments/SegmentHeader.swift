// SPDX-License-Identifier: Apache-2.0

/// What a segment begins with: 32 bytes, little-endian.
///
///     0   magic "CMSEGMT1", 8 bytes
///     8   format, 4 bytes; number, 4 bytes
///     16  identity of the store, 8 bytes
///     24  XXH3 of the bytes before
enum SegmentHeader {
    static let byteCount = 32
    static let format: UInt32 = 1

    /// "CMSEGMT1".
    private static let magic: UInt64 = 0x3154_4d47_4553_4d43

    static func store(to memory: UnsafeMutableRawPointer, number: UInt32, identity: UInt64) {
        memory.storeBytes(of: magic, as: UInt64.self)
        memory.storeBytes(of: format, toByteOffset: 8, as: UInt32.self)
        memory.storeBytes(of: number, toByteOffset: 12, as: UInt32.self)
        memory.storeBytes(of: identity, toByteOffset: 16, as: UInt64.self)
        let checksum = Checksum.of(UnsafeRawBufferPointer(start: memory, count: 24))
        memory.storeBytes(of: checksum, toByteOffset: 24, as: UInt64.self)
    }
}
