// SPDX-License-Identifier: Apache-2.0

/// Why a server did not start, as a sentence that says what to change.
public struct ServerStartError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// An error that says this.
    public init(_ sentence: String) {
        description = sentence
    }
}
