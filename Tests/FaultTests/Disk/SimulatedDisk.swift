// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Synchronization

@testable import CASDisk

/// A disk in memory, with the kernel in front of it: what a store does with it may fail, and what was not
/// synced may be lost.
///
/// Everything random comes from the seed, so the same calls fail in the same way again. A store calls it through
/// a ``SimulatedProcess``; this is the side of the test.
final class SimulatedDisk: Sendable {
    /// How a process ends that does not end by itself.
    enum Ending: CaseIterable {
        /// It is killed; the machine goes on, with all that the kernel holds.
        case death
        /// The machine stops.
        case powerLoss
    }

    /// Where the kernel says which boot of the machine this is.
    static let bootIdentityPath = "/proc/sys/kernel/random/boot_id"

    let state: Mutex<DiskState>

    /// An empty disk of `capacity` blocks of 4 KiB.
    init(seed: UInt64, names: NameTree.Discipline, capacity: Int = 1 << 20) {
        state = Mutex(DiskState(random: SeededRandom(seed: seed), names: NameTree(names), capacity: capacity))
    }

    /// The process that the machine now runs; its calls fail once it ended.
    func process() -> SimulatedProcess {
        SimulatedProcess(on: self, life: state.withLock { $0.life })
    }

    /// How often things fail from now on.
    func set(_ weather: Weather) {
        state.withLock { $0.weather = weather }
    }

    /// How many blocks of 4 KiB there are from now on.
    func set(capacity: Int) {
        state.withLock { $0.capacity = capacity }
    }

    /// Lets the process die at its `calls`-th call from now.
    func crash(after calls: Int) {
        state.withLock { $0.callsUntilDeath = calls }
    }

    /// Whether the process is dead, though it may not know yet.
    var isDead: Bool { state.withLock { $0.isDead } }

    var counts: DiskCounts { state.withLock { $0.counts } }

    /// How many blocks are in use.
    var usedBlocks: Int { state.withLock { $0.usedBlocks } }

    /// Ends the process, if it did not end yet, and what happened to it; another one can begin.
    func end(by ending: Ending) {
        state.withLock { state in
            state.die()
            switch ending {
            case .death: break
            case .powerLoss: state.losePower()
            }
            state.isDead = false
            state.life += 1
        }
    }

    /// The sizes of the files below `path`, by their paths.
    func sizes(below path: String) -> [String: Int] {
        state.withLock { state in
            Dictionary(uniqueKeysWithValues: state.names.files(below: path).map { ($0.path, $0.file.size) })
        }
    }

    /// How many bytes the files below `path` occupy.
    func occupied(below path: String) -> Int {
        sizes(below: path).values.reduce(0) { $0 + SpaceLedger.blocks($1) }
    }

    /// Flips a bit somewhere in the files below `path`; whether there was one.
    func rot(below path: String) -> Bool {
        state.withLock { $0.rot(below: path) }
    }

    /// Whether every byte and every name below `path` would survive a loss of power.
    func isSynced(below path: String) -> Bool {
        state.withLock { state in
            state.names.pending.isEmpty && state.names.files(below: path).allSatisfy(\.file.isSynced)
        }
    }
}
