// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel

/// What stands before the payload of every record in a segment: 96 bytes, little-endian.
///
///     0   magic "CMR1", 4 bytes; format, kind, digest function, encoding, a byte each
///     8   sequence number
///     16  size of the blob
///     24  stored size of the blob
///     32  key, 32 bytes
///     64  payload size, 4 bytes; last use, 4 bytes
///     72  XXH3 of the payload
///     80  sequence number in the name of the object's file, of a record that names one
///     88  XXH3 of the bytes before, seeded with the identity of the store and the place
///
/// The payload is the full hash, 64 bytes, unless the function is SHA-256; then the stored bytes of a blob,
/// or the XXH3 of each MiB of an object's file. The seed makes a header count only where it was written: a
/// blob that holds a copy of a segment cannot pass for records, whatever a torn write leaves around it.
struct RecordHeader: Sendable {
    static let byteCount = 96
    static let format: UInt8 = 1

    /// "CMR1".
    private static let magic: UInt32 = 0x3152_4d43

    let kind: IndexEntry.Kind
    let function: DigestFunction
    let encoding: IndexEntry.Encoding
    private(set) var sequence: UInt64
    let size: Int
    let storedSize: Int
    let key: IndexKey
    let payloadSize: Int
    private(set) var lastUse: UInt32
    let payloadChecksum: UInt64
    let objectSequence: UInt64

    /// How many bytes of the payload are the full hash.
    static func hashSize(_ function: DigestFunction) -> Int {
        function == .sha256 ? 0 : HashValue.capacity
    }

    /// What follows the header: the full hash where the key is not it, and `content`.
    static func payload(of digest: Digest, _ content: ByteChain) -> ByteChain {
        guard digest.function != .sha256 else { return content }
        var payload = ByteChain(digest.hash.withUnsafeBytes { Bytes(copying: $0) })
        payload.append(content)
        return payload
    }

    /// What a record occupies in a segment, up to where the next may begin.
    static func recordSize(payloadSize: Int) -> Int {
        Place.aligned(byteCount + payloadSize)
    }

    func store(to memory: UnsafeMutableRawPointer, at place: Place, of identity: UInt64) {
        memory.storeBytes(of: Self.magic, as: UInt32.self)
        memory.storeBytes(of: Self.format, toByteOffset: 4, as: UInt8.self)
        memory.storeBytes(of: kind.rawValue, toByteOffset: 5, as: UInt8.self)
        memory.storeBytes(of: function.rawValue, toByteOffset: 6, as: UInt8.self)
        memory.storeBytes(of: encoding.rawValue, toByteOffset: 7, as: UInt8.self)
        memory.storeBytes(of: sequence, toByteOffset: 8, as: UInt64.self)
        memory.storeBytes(of: UInt64(size), toByteOffset: 16, as: UInt64.self)
        memory.storeBytes(of: UInt64(storedSize), toByteOffset: 24, as: UInt64.self)
        key.store(to: memory + 32)
        memory.storeBytes(of: UInt32(payloadSize), toByteOffset: 64, as: UInt32.self)
        memory.storeBytes(of: lastUse, toByteOffset: 68, as: UInt32.self)
        memory.storeBytes(of: payloadChecksum, toByteOffset: 72, as: UInt64.self)
        memory.storeBytes(of: objectSequence, toByteOffset: 80, as: UInt64.self)
        memory.storeBytes(
            of: Self.checksum(memory, at: place, of: identity), toByteOffset: 88, as: UInt64.self)
    }

    /// The header at `memory`, or nil if none was written at `place` of that store.
    init?(_ memory: UnsafeRawPointer, at place: Place, of identity: UInt64) {
        guard memory.loadUnaligned(as: UInt32.self) == Self.magic,
            memory.loadUnaligned(fromByteOffset: 88, as: UInt64.self)
                == Self.checksum(memory, at: place, of: identity),
            memory.load(fromByteOffset: 4, as: UInt8.self) == Self.format,
            let kind = IndexEntry.Kind(rawValue: memory.load(fromByteOffset: 5, as: UInt8.self)),
            let function = DigestFunction(rawValue: memory.load(fromByteOffset: 6, as: UInt8.self)),
            let encoding = IndexEntry.Encoding(rawValue: memory.load(fromByteOffset: 7, as: UInt8.self))
        else { return nil }
        (self.kind, self.function, self.encoding) = (kind, function, encoding)
        sequence = memory.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        size = Int(memory.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        storedSize = Int(memory.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        key = IndexKey(loadedFrom: memory + 32)
        payloadSize = Int(memory.loadUnaligned(fromByteOffset: 64, as: UInt32.self))
        lastUse = memory.loadUnaligned(fromByteOffset: 68, as: UInt32.self)
        payloadChecksum = memory.loadUnaligned(fromByteOffset: 72, as: UInt64.self)
        objectSequence = memory.loadUnaligned(fromByteOffset: 80, as: UInt64.self)
    }

    init(
        _ kind: IndexEntry.Kind, _ digest: Digest, key: IndexKey, sequence: UInt64, payloadSize: Int,
        payloadChecksum: UInt64, lastUse: UInt32, objectSequence: UInt64 = 0
    ) {
        self.kind = kind
        function = digest.function
        encoding = .plain
        self.sequence = sequence
        size = digest.size
        storedSize = digest.size
        self.key = key
        self.payloadSize = payloadSize
        self.lastUse = lastUse
        self.payloadChecksum = payloadChecksum
        self.objectSequence = objectSequence
    }

    /// The entry that leads to this record at `place`.
    func entry(at place: Place) -> IndexEntry {
        IndexEntry(
            key: key, kind: kind, function: function, encoding: encoding, size: size,
            payloadSize: payloadSize,
            sequence: sequence, place: place, lastUse: lastUse)
    }

    /// What the record occupies in its segment.
    var recordSize: Int { Self.recordSize(payloadSize: payloadSize) }

    /// The size of the file that the record names, 0 if it names none.
    var objectBytes: Int {
        switch kind {
        case .blob: 0
        case .object: storedSize
        }
    }

    /// The header of the same content as a later record.
    func appendedAgain(sequence: UInt64, lastUse: UInt32) -> RecordHeader {
        var header = self
        header.sequence = sequence
        header.lastUse = lastUse
        return header
    }

    /// The name of the file that the record names.
    var objectName: ObjectName { ObjectName(key: key, storedSize: storedSize, sequence: objectSequence) }

    private static func checksum(_ memory: UnsafeRawPointer, at place: Place, of identity: UInt64) -> UInt64 {
        let position = UInt64(place.segment) << 32 | UInt64(place.offset / Place.alignment)
        return Checksum.of(UnsafeRawBufferPointer(start: memory, count: 88), seed: identity ^ position)
    }
}
