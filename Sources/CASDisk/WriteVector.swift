// SPDX-License-Identifier: Apache-2.0

import Bytes
import Glibc

/// Slices to be written one after another, in the memory where they are.
struct WriteVector: ~Copyable {
    /// The most parts of one `pwritev` (IOV_MAX of Linux).
    static let mostPartsOfACall = 1024

    // The pointers stay valid outside `withUnsafeBytes` because `owners` keeps their memory, which never
    // moves.
    fileprivate(set) var parts: [iovec] = []
    fileprivate(set) var owners: [Bytes] = []

    /// The length of all of them together.
    private(set) var count = 0

    init(capacity: Int = 0) {
        parts.reserveCapacity(capacity)
        owners.reserveCapacity(capacity)
    }

    mutating func append(_ slice: Bytes) {
        guard !slice.isEmpty else { return }
        slice.withUnsafeBytes { memory in
            parts.append(
                iovec(iov_base: UnsafeMutableRawPointer(mutating: memory.baseAddress), iov_len: memory.count))
        }
        owners.append(slice)
        count += slice.count
    }

    mutating func append(_ chain: ByteChain) {
        for slice in chain.slices { append(slice) }
    }

    mutating func removeAll() {
        parts.removeAll(keepingCapacity: true)
        owners.removeAll(keepingCapacity: true)
        count = 0
    }
}
