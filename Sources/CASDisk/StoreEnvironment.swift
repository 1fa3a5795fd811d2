// SPDX-License-Identifier: Apache-2.0

/// What surrounds a store: the file system, the clocks and threads, which tests replace.
struct StoreEnvironment: Sendable {
    var system: any FileSystem = OperatingSystem()
    var wallClock = WallClock.system
    /// Where SQLite keeps the records, if not in the store: it makes its own system calls.
    var records: String?
    /// Whether threads of the store's own do what is to be done beside requests; else whoever drives the store
    /// does it, one step after another.
    var hasThreads = true
    var uploadClock: @Sendable () -> ContinuousClock.Instant = { .now }
}
