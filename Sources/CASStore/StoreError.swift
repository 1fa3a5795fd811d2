// SPDX-License-Identifier: Apache-2.0

/// What a store could not do, for programs as a code and for people as a sentence.
public struct StoreError: Error, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable {
        /// The blob, reference or result is not here, or no longer whole.
        case notFound
        /// The caller's bytes, size or offset are not what the caller said they would be.
        case mismatch
        /// An offset outside the blob.
        case outOfRange
        /// Bytes that this store holds were found wrong after some of them were handed out.
        case corruption
        /// There is no room, and none can be made.
        case noSpace
        /// The upload is no longer what the caller knows of it: a newer opening took over, or what was kept is
        /// lost. How much is kept now is to be asked again.
        case superseded
        /// The store cannot be opened: another process holds it, or its format is unknown.
        case unusable
        /// The system failed: a file that should open does not, a write is refused.
        case failed
    }

    /// What kind of failure it is.
    public let code: Code

    /// What was expected and what was found. Not shown to clients when the code is ``Code/failed``.
    public let sentence: String

    /// The failure underneath, if there is one.
    public let cause: (any Error)?

    /// An error of these parts.
    public init(_ code: Code, _ sentence: String, cause: (any Error)? = nil) {
        self.code = code
        self.sentence = sentence
        self.cause = cause
    }

    /// The sentence, and what lies underneath if the sentence does not say it.
    public var description: String {
        guard let reason = cause.map({ "\($0)" }), !sentence.contains(reason) else { return sentence }
        return "\(sentence) (\(reason))"
    }
}
