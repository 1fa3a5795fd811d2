// SPDX-License-Identifier: Apache-2.0

/// What surrounds a store: the file system and the clocks, which tests replace.
struct StoreEnvironment: Sendable {
    var system: any FileSystem = OperatingSystem()
    var wallClock = WallClock.system
    var uploadClock: @Sendable () -> ContinuousClock.Instant = { .now }
}
