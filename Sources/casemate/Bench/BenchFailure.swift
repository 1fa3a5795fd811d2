// SPDX-License-Identifier: Apache-2.0

/// Why a measurement came to nothing, in a sentence.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
