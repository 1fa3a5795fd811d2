// SPDX-License-Identifier: Apache-2.0

import Testing

/// A release of BuildStream 1 that the server is tested with; `.ci/clients/install` installs each.
enum BuildStreamVersion: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Debian 12's: knows the asset services, and prefers them.
    case v1_6_8 = "1.6.8"

    /// Capabilities, batches up to 1 MiB, ReferenceStorage.
    case v1_4_3 = "1.4.3"

    /// The same as 1.4.3 on the wire, with its older code.
    case v1_2_8 = "1.2.8"

    /// The name to look for in what a test run prints.
    var testDescription: String { "BuildStream \(rawValue)" }

    /// The newest project format that it reads.
    var formatVersion: Int {
        switch self {
        case .v1_6_8: 18
        case .v1_4_3: 17
        case .v1_2_8: 12
        }
    }
}
