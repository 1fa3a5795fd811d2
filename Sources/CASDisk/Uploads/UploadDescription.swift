// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel

/// What is known of a parked upload, as it stands in the file `uploads/N.key` beside its bytes in `uploads/N`.
///
/// All that a client named is in here, and nowhere in a path. Little-endian:
///
///     0    magic "CMUPLD01", 8 bytes
///     8    bytes received, 8 bytes
///     16   size of the blob, 8 bytes
///     24   time of parking in seconds since 1970, 8 bytes
///     32   digest function, 4 bytes; compressor, 4 bytes
///     40   length of the instance name, 4 bytes; of the identifier, 4 bytes
///     48   hash, 64 bytes, zero past the function's length
///     112  instance name and identifier, UTF-8; then the XXH3 of each MiB of the bytes received, 8 bytes each
///     end  XXH3 of everything before, 8 bytes
struct UploadDescription: Equatable {
    let key: UploadKey
    let receivedBytes: Int
    /// When it was parked, in seconds since 1970.
    let parkedAt: UInt32
    /// The XXH3 of each MiB of the bytes received, the last of which may be shorter.
    let checksums: [UInt64]

    /// "CMUPLD01".
    private static let magic: UInt64 = 0x3130_444c_5055_4d43
    private static let namesStart = 112
    private static let checksumSize = 8

    /// No file with more bytes is a description: the names are bounded, and so are the bytes that are kept.
    static let longest = 64 << 20

    init(key: UploadKey, receivedBytes: Int, parkedAt: UInt32, checksums: [UInt64]) {
        self.key = key
        self.receivedBytes = receivedBytes
        self.parkedAt = parkedAt
        self.checksums = checksums
    }

    /// How many bytes the file has.
    var encodedSize: Int {
        Self.namesStart + key.instance.text.utf8.count + key.identifier.utf8.count
            + (checksums.count + 1) * Self.checksumSize
    }

    /// The content of the file.
    func encoded() -> Bytes {
        Bytes(capacity: encodedSize) { room in
            room.initializeMemory(as: UInt8.self, repeating: 0)
            storeNumbers(to: room)
            key.digest.withUnsafeHash {
                UnsafeMutableRawBufferPointer(rebasing: room[48...]).copyMemory(from: $0)
            }
            var at = Self.namesStart
            for text in [key.instance.text, key.identifier] {
                room[at...].copyBytes(from: text.utf8)
                at += text.utf8.count
            }
            for checksum in checksums {
                room.storeBytes(of: checksum, toByteOffset: at, as: UInt64.self)
                at += Self.checksumSize
            }
            let checksum = Checksum.of(UnsafeRawBufferPointer(rebasing: room[..<at]))
            room.storeBytes(of: checksum, toByteOffset: at, as: UInt64.self)
            return room.count
        }
    }

    private func storeNumbers(to room: UnsafeMutableRawBufferPointer) {
        let words = [Self.magic, UInt64(receivedBytes), UInt64(key.digest.size), UInt64(parkedAt)]
        for (place, word) in words.enumerated() {
            room.storeBytes(of: word, toByteOffset: place * 8, as: UInt64.self)
        }
        let halves = [
            UInt32(key.digest.function.rawValue), UInt32(key.compressor.rawValue),
            UInt32(key.instance.text.utf8.count), UInt32(key.identifier.utf8.count),
        ]
        for (place, half) in halves.enumerated() {
            room.storeBytes(of: half, toByteOffset: 32 + place * 4, as: UInt32.self)
        }
    }

    /// The description that `bytes` are; nil if they are not whole, or say what cannot be.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.namesStart + Self.checksumSize else { return nil }
        func word(_ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        func half(_ offset: Int) -> Int { Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        let end = bytes.count - Self.checksumSize
        guard word(0) == Self.magic,
            word(end) == Checksum.of(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        else { return nil }
        let (instanceEnd, identifierEnd) = (Self.namesStart + half(40), Self.namesStart + half(40) + half(44))
        guard identifierEnd <= end, (end - identifierEnd) % Self.checksumSize == 0,
            let received = Int(exactly: word(8)), let size = Int(exactly: word(16)),
            let parkedAt = UInt32(exactly: word(24)),
            let instance = String(validating: bytes[Self.namesStart..<instanceEnd], as: UTF8.self),
            let identifier = String(validating: bytes[instanceEnd..<identifierEnd], as: UTF8.self),
            let hash = Self.hash(bytes, size: size, function: half(32)),
            let compressor = UInt8(exactly: half(36)).flatMap(Compressor.init(rawValue:)),
            // Not valid any more would be as good as not there.
            let name = try? InstanceName(instance)
        else { return nil }
        let checksums = stride(from: identifierEnd, to: end, by: Self.checksumSize).map(word)
        guard received > 0, received <= size, checksums.count == ObjectContent.blocks(of: received) else {
            return nil
        }
        let key = UploadKey(instance: name, identifier: identifier, digest: hash, compressor: compressor)
        self.init(key: key, receivedBytes: received, parkedAt: parkedAt, checksums: checksums)
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, size: Int, function: Int) -> Digest? {
        guard let function = UInt8(exactly: function).flatMap(DigestFunction.init(rawValue:)) else {
            return nil
        }
        let hash = UnsafeRawBufferPointer(rebasing: bytes[48..<(48 + function.hashLength)])
        return try? Digest(function, hash: hash, size: size)
    }
}
