// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Buffers of one size that are used again instead of being returned to the system.
///
/// A fresh block of a mebibyte costs a page fault for every page of it; a used one costs nothing.
public final class BufferPool: Sendable {
    /// The size of every buffer, in bytes.
    public let bufferSize: Int

    /// How many unused buffers are kept at most.
    public let keptAtMost: Int

    private let unused = Mutex<[PooledBlock]>([])

    /// A pool that keeps at most `keptAtMost` unused buffers of `bufferSize` bytes.
    public init(bufferSize: Int, keptAtMost: Int) {
        self.bufferSize = bufferSize
        self.keptAtMost = keptAtMost
    }

    /// A slice of a pooled buffer, which `body` fills; `body` returns how many bytes are in use.
    ///
    /// The buffer returns to the pool when the last slice of it is gone, or when `body` throws.
    public func bytes<Failure: Error>(
        filledBy body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Bytes {
        let block = unused.withLock { $0.popLast() } ?? PooledBlock(byteCount: bufferSize)
        let lease = Lease(block, of: self)
        let count = try body(block.memory)
        precondition(count >= 0 && count <= bufferSize, "more bytes in use than there is room")
        return Bytes(unsafeMemory: UnsafeRawBufferPointer(rebasing: block.memory[..<count]), owner: lease)
    }

    fileprivate func takeBack(_ block: PooledBlock) {
        let kept = unused.withLock { blocks in
            guard blocks.count < keptAtMost else { return false }
            blocks.append(block)
            return true
        }
        if !kept { block.memory.deallocate() }
    }

    deinit {
        for block in unused.withLock({ $0 }) { block.memory.deallocate() }
    }
}

/// Memory of one buffer; who holds it is said by where it stands: in the pool, or in a lease.
private struct PooledBlock: @unchecked Sendable {
    // Only the holder of the one lease writes to it, before any slice of it exists.
    let memory: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: 4096)
    }
}

/// Returns its buffer to the pool when the last slice of it is gone.
private final class Lease: Sendable {
    private let block: PooledBlock
    private let pool: BufferPool

    init(_ block: PooledBlock, of pool: BufferPool) {
        self.block = block
        self.pool = pool
    }

    deinit {
        pool.takeBack(block)
    }
}
