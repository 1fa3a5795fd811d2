// SPDX-License-Identifier: Apache-2.0

import CASDisk
import CASStore
import CASTesting

/// What a history is made of: everything that its seed decides before the first step.
struct HistoryPlan {
    /// What goes wrong in it.
    enum Kind: CaseIterable {
        /// The process dies.
        case deaths
        /// The machine stops, too.
        case powerLosses
        /// The disk is small, and processes die.
        case fullDisk
        /// Reads, writes and syncs fail, and processes die.
        case failures
        /// Bits of what is stored turn.
        case rot

        /// Whether every call does what it should, while the process lives.
        var isWithoutFailures: Bool {
            switch self {
            case .deaths, .powerLosses: true
            case .fullDisk, .failures, .rot: false
            }
        }
    }

    static let root = "/data/store"

    let kind: Kind
    let names: NameTree.Discipline
    let steps: Int

    /// How often a process is killed at a call in the middle of a step, as a share of the steps.
    let crashes: Double

    /// How large the disk is, in blocks of 4 KiB.
    let capacity: Int

    let weather: Weather
    let configuration: DiskStoreConfiguration

    /// Whether a blob that was acknowledged survives the loss of power.
    var promisesBlobs: Bool {
        switch configuration.durability {
        case .always: true
        case .reference, .none: false
        }
    }

    /// Whether an update of a name brings everything that was acknowledged before to the disk.
    var promisesBarriers: Bool {
        switch configuration.durability {
        case .always, .reference: true
        case .none: false
        }
    }

    init(_ random: inout SeededRandom) {
        let kind = Kind.allCases.randomElement(using: &random) ?? .powerLosses
        self.kind = kind
        names = NameTree.Discipline.allCases.randomElement(using: &random) ?? .strict
        steps = Int.random(in: 20...80, using: &random)
        crashes = [0, 0.02, 0.1].randomElement(using: &random) ?? 0
        capacity = kind == .fullDisk ? Int.random(in: 60...600, using: &random) : 1 << 20
        weather = Self.weather(of: kind, &random)
        configuration = Self.configuration(&random)
    }

    private static func weather(of kind: Kind, _ random: inout SeededRandom) -> Weather {
        var weather = Weather.calm
        func share(_ shares: Double...) -> Double { shares.randomElement(using: &random) ?? 0 }
        weather.shortCounts = share(0, 0.05, 0.5)
        weather.interruptions = share(0, 0.05)
        weather.writeBacks = share(0, 0.05, 0.5)
        switch kind {
        case .deaths, .powerLosses, .rot: break
        case .fullDisk:
            weather.noSpace = share(0, 0.02, 0.2)
        case .failures:
            weather.noSpace = share(0, 0.02)
            weather.readFailures = share(0, 0.02, 0.1)
            weather.writeFailures = share(0, 0.02, 0.1)
            weather.syncFailures = share(0, 0.02, 0.1)
            weather.metadataFailures = share(0, 0, 0.02)
        }
        return weather
    }

    private static func configuration(_ random: inout SeededRandom) -> DiskStoreConfiguration {
        var configuration = DiskStoreConfiguration(root: root)
        configuration.segmentSize = (64 << 10) << Int.random(in: 0...2, using: &random)
        configuration.largeBlobSize = (4 << 10) << Int.random(in: 0...4, using: &random)
        configuration.uploads.parkedAtMost = 20
        configuration.durability =
            [.reference, .reference, .always, .none].randomElement(using: &random) ?? .reference
        return configuration
    }
}
