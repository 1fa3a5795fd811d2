// SPDX-License-Identifier: Apache-2.0

import CASModel

/// What a blob is found by: 32 bytes that are as good as random.
///
/// The SHA-256 hash itself; for other digest functions the SHA-256 of the function's number and the hash.
struct IndexKey: Hashable, Sendable {
    static let byteCount = 32

    // The four words of the key, as they stand in memory.
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0

    init(of digest: Digest) {
        guard digest.function != .sha256 else {
            self = digest.withUnsafeHash { IndexKey(loadedFrom: $0.baseAddress!) }
            return
        }
        // SHA-256 is always offered.
        let hasher = try! ContentHasher(.sha256)
        withUnsafeBytes(of: digest.function.rawValue) { hasher.update($0) }
        digest.withUnsafeHash { hasher.update($0) }
        self = hasher.finish().withUnsafeHash { IndexKey(loadedFrom: $0.baseAddress!) }
    }

    init(loadedFrom memory: UnsafeRawPointer) {
        first = memory.loadUnaligned(as: UInt64.self)
        second = memory.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        third = memory.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        fourth = memory.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    }

    init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }

    func store(to memory: UnsafeMutableRawPointer) {
        memory.storeBytes(of: first, as: UInt64.self)
        memory.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
        memory.storeBytes(of: third, toByteOffset: 16, as: UInt64.self)
        memory.storeBytes(of: fourth, toByteOffset: 24, as: UInt64.self)
    }

    /// The byte that shards and directories go by.
    var firstByte: UInt8 { UInt8(truncatingIfNeeded: first) }

    /// The tag of a slot that holds it: 7 bits of it, which the place in the table does not depend on.
    var tag: UInt8 { UInt8(truncatingIfNeeded: first >> 8) | 0x80 }

    /// Where among `groups` the search for it begins.
    func home(among groups: Int) -> Int {
        Int(truncatingIfNeeded: second.multipliedFullWidth(by: UInt64(groups)).high)
    }

    /// The bytes in lower-case hexadecimal digits.
    var hexadecimal: String {
        withUnsafeBytes(of: self) { bytes in
            String(unsafeUninitializedCapacity: Self.byteCount * 2) { room in
                Hexadecimal.encode(bytes, into: UnsafeMutableRawBufferPointer(room))
                return Self.byteCount * 2
            }
        }
    }

    /// The key whose ``hexadecimal`` is `text`, or nil.
    init?(hexadecimal text: some StringProtocol) {
        // What is wrong with the text does not matter to who looks for names of ours among others.
        guard let digest = try? Digest(.sha256, hexadecimal: text, size: 1) else { return nil }
        self.init(of: digest)
    }
}
