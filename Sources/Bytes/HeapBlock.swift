// SPDX-License-Identifier: Apache-2.0

/// A block of heap memory that is freed with its last reference.
@usableFromInline
final class HeapBlock: Sendable {
    // Written only by the initializer's caller before any `Bytes` over it exists.
    @usableFromInline nonisolated(unsafe) let memory: UnsafeMutableRawBufferPointer

    @usableFromInline
    init(byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }
}

extension Bytes {
    /// Memory of its own of up to `capacity` bytes, which `body` fills; `body` returns how many bytes are in use.
    ///
    /// Nothing is kept when `body` throws.
    @inlinable
    public init<Failure: Error>(
        capacity: Int, filledBy body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        guard capacity > 0 else {
            self.init()
            return
        }
        let block = HeapBlock(byteCount: capacity)
        let count = try body(block.memory)
        precondition(count >= 0 && count <= capacity, "more bytes in use than there is room")
        self.init(unsafeMemory: UnsafeRawBufferPointer(rebasing: block.memory[..<count]), owner: block)
    }

    /// A copy of `memory`.
    @inlinable
    public init(copying memory: UnsafeRawBufferPointer) {
        self.init(capacity: memory.count) { room in
            room.copyMemory(from: memory)
            return memory.count
        }
    }

    /// A copy of `array`.
    public init(_ array: [UInt8]) {
        self = array.withUnsafeBytes { Bytes(copying: $0) }
    }

    /// The UTF-8 encoding of `text`.
    public init(utf8 text: String) {
        self.init(Array(text.utf8))
    }
}

extension Array<UInt8> {
    /// A copy of `bytes`.
    public init(_ bytes: Bytes) {
        self = bytes.withUnsafeBytes { Array($0) }
    }
}
