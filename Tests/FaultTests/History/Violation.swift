// SPDX-License-Identifier: Apache-2.0

/// A promise that the store broke.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
