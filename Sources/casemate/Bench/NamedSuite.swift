// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// A suite that `--suite` names, of a server or of the disk store.
enum NamedSuite: ExpressibleByArgument {
    case server(BenchSuiteName)
    case store(StoreSuiteName)

    init?(argument: String) {
        if let name = BenchSuiteName(rawValue: argument) {
            self = .server(name)
        } else if let name = StoreSuiteName(rawValue: argument) {
            self = .store(name)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] {
        BenchSuiteName.allCases.map(\.rawValue) + StoreSuiteName.allCases.map(\.rawValue)
    }

    /// Those of `suites` that need a server.
    static func remoteNames(in suites: [NamedSuite]) -> [BenchSuiteName] {
        suites.compactMap { suite in
            switch suite {
            case .server(let name): name
            case .store: nil
            }
        }
    }

    /// Those of `suites` that are of the disk store.
    static func storeNames(in suites: [NamedSuite]) -> [StoreSuiteName] {
        suites.compactMap { suite in
            switch suite {
            case .server: nil
            case .store(let name): name
            }
        }
    }
}
