// SPDX-License-Identifier: Apache-2.0

/// A file's bytes as memory, unmapped with the last reference.
///
/// What is stored here is the kernel's at once: it survives the death of the process, in the order of the
/// stores.
final class Mapping: @unchecked Sendable {
    // Who maps it guards it with a lock of their own; the index and the store's state do.
    let start: UnsafeMutableRawPointer
    let count: Int

    private let system: any FileSystem

    init(_ start: UnsafeMutableRawPointer, count: Int, on system: any FileSystem) {
        self.start = start
        self.count = count
        self.system = system
    }

    deinit {
        system.unmap(start, count: count)
    }
}
