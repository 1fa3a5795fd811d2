// SPDX-License-Identifier: Apache-2.0

/// Why a command on a store failed, in one line.
struct StoreFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
