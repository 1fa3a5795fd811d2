// SPDX-License-Identifier: Apache-2.0

/// How often a disk fails, each as a share of the calls that could.
struct Weather {
    /// A read or write that does less than it was asked to.
    var shortCounts = 0.0
    /// A call that a signal interrupts.
    var interruptions = 0.0
    /// A call that finds no space, whatever there is.
    var noSpace = 0.0
    /// A read of which the device gives back nothing.
    var readFailures = 0.0
    /// A write of which the device took only a part.
    var writeFailures = 0.0
    /// A sync that fails, after which the kernel forgets some of what it should have written.
    var syncFailures = 0.0
    /// A call on names, lengths or mappings that fails.
    var metadataFailures = 0.0
    /// A call before which the kernel writes something back, as it likes.
    var writeBacks = 0.0

    /// Nothing fails.
    static let calm = Weather()
}

/// The kinds of calls, by how they can fail.
enum DiskCall {
    case open
    case read
    /// A read of what the kernel makes up.
    case readOfKernel
    case write
    case allocate
    case metadata
    case sync
    case syncDirectory
    case list
}

/// What happened on a disk so far.
struct DiskCounts: Equatable {
    var calls = 0
    var readFailures = 0
    var writeFailures = 0
    var syncFailures = 0
    var metadataFailures = 0
    var noSpace = 0
    var flippedBits = 0
}
