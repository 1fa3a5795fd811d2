// SPDX-License-Identifier: Apache-2.0

/// What a segment begins with: 32 bytes, little-endian.
///
///     0   magic "CMSEGMT1", 8 bytes
///     8   format, 4 bytes; number, 4 bytes
///     16  identity of the store, 8 bytes
///     24  when the segment was begun, in seconds since 1970, 4 bytes
///     28  the low half of the XXH3 of the bytes before
enum SegmentHeader {
    static let byteCount = 32
    static let format: UInt32 = 1

    /// "CMSEGMT1".
    private static let magic: UInt64 = 0x3154_4d47_4553_4d43

    static func store(
        to memory: UnsafeMutableRawPointer, number: UInt32, identity: UInt64, begunAt time: UInt32
    ) {
        memory.storeBytes(of: magic, as: UInt64.self)
        memory.storeBytes(of: format, toByteOffset: 8, as: UInt32.self)
        memory.storeBytes(of: number, toByteOffset: 12, as: UInt32.self)
        memory.storeBytes(of: identity, toByteOffset: 16, as: UInt64.self)
        memory.storeBytes(of: time, toByteOffset: 24, as: UInt32.self)
        memory.storeBytes(of: checksum(memory), toByteOffset: 28, as: UInt32.self)
    }

    /// When the segment was begun, or nil if its header is not whole.
    static func begunAt(_ memory: UnsafeRawPointer, number: UInt32, identity: UInt64) -> UInt32? {
        guard memory.loadUnaligned(as: UInt64.self) == magic,
            memory.loadUnaligned(fromByteOffset: 12, as: UInt32.self) == number,
            memory.loadUnaligned(fromByteOffset: 16, as: UInt64.self) == identity,
            memory.loadUnaligned(fromByteOffset: 28, as: UInt32.self) == checksum(memory)
        else { return nil }
        return memory.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
    }

    private static func checksum(_ memory: UnsafeRawPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.of(UnsafeRawBufferPointer(start: memory, count: 28)))
    }
}
