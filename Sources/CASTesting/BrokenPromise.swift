// SPDX-License-Identifier: Apache-2.0

/// A store did something else than its protocol promises.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// What was promised and what happened.
    public let sentence: String

    /// An error that says `sentence`.
    public init(_ sentence: String) {
        self.sentence = sentence
    }

    /// The sentence.
    public var description: String { sentence }
}

/// Throws when a promise does not hold.
func promise(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(BrokenPromise) {
    guard holds else { throw BrokenPromise(sentence()) }
}
