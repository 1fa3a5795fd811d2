// SPDX-License-Identifier: Apache-2.0

import Bytes
import CXXHash

/// XXH3-64, which tells damaged bytes from whole ones at the speed of memory; it does not stand up to an
/// adversary.
enum Checksum {
    static func of(_ memory: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
        seed == 0
            ? XXH3_64bits(memory.baseAddress, memory.count)
            : XXH3_64bits_withSeed(memory.baseAddress, memory.count, seed)
    }

    static func of(_ content: ByteChain) -> UInt64 {
        guard content.slices.count > 1 else {
            return content.slices.first.map { $0.withUnsafeBytes { of($0) } }
                ?? of(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let running = RunningChecksum()
        for slice in content.slices { slice.withUnsafeBytes { running.update($0) } }
        return running.value
    }
}

/// A checksum of bytes that arrive in pieces. Used by one task at a time.
final class RunningChecksum {
    private let state: OpaquePointer

    init() {
        state = XXH3_createState()
        reset()
    }

    deinit {
        XXH3_freeState(state)
    }

    func reset() {
        XXH3_64bits_reset(state)
    }

    func update(_ memory: UnsafeRawBufferPointer) {
        XXH3_64bits_update(state, memory.baseAddress, memory.count)
    }

    /// The checksum of everything since the last reset.
    var value: UInt64 { XXH3_64bits_digest(state) }
}
