// SPDX-License-Identifier: Apache-2.0

/// A sequence of uses of blobs that a cache is tried on: a blob that is not there is pushed.
struct Trace: Sendable {
    /// One use of a blob.
    struct Access: Sendable {
        /// Which blob; blobs are numbered from 0.
        let blob: Int

        /// When, in seconds.
        let time: UInt32
    }

    /// What it is like, in a few words.
    let name: String

    /// The uses in their order.
    private(set) var accesses: [Access] = []

    /// How many bytes each blob has.
    private(set) var sizes: [Int] = []

    init(_ name: String) {
        self.name = name
    }

    /// The bytes of all blobs.
    var footprint: Int { sizes.reduce(0, +) }

    /// Adds a blob of `size` bytes that nobody uses yet; returns its number.
    mutating func addBlob(size: Int) -> Int {
        sizes.append(size)
        return sizes.count - 1
    }

    /// Adds a use of `blob`, not before the one added last.
    mutating func use(_ blob: Int, at time: UInt32) {
        accesses.append(Access(blob: blob, time: time))
    }

    /// The same uses, `factor` times as fast.
    func hastened(by factor: UInt32) -> Trace {
        var hastened = Trace("\(name), \(factor) times as fast")
        hastened.sizes = sizes
        hastened.accesses = accesses.map { Access(blob: $0.blob, time: start + ($0.time - start) / factor) }
        return hastened
    }

    private var start: UInt32 { accesses.first?.time ?? 0 }
}
