// SPDX-License-Identifier: Apache-2.0

/// Why something that the client was asked to do was not done.
public struct ClientError: Error, Sendable {
    /// What kind of failure it is, for programs.
    public enum Code: Sendable, CaseIterable {
        /// An argument is not what it should be, such as a URL without a port.
        case invalidArgument
        /// The server does not answer.
        case unreachable
        /// The server took longer than the call may take.
        case timedOut
        /// The server does not let this caller do it.
        case notPermitted
        /// The server does not offer what is needed.
        case unsupported
        /// The server has no room.
        case serverFull
        /// No tree goes by that name on the server.
        case referenceNotFound
        /// A part of the tree is not on the server.
        case blobMissing
        /// The server sent bytes that are not the blob that was asked for.
        case corrupted
        /// The server's tree cannot or must not be written to a disk.
        case invalidTree
        /// A local file or directory cannot be read or written, or cannot be part of a tree.
        case localFile
        /// A local file changed between its hashing and its sending.
        case changedMeanwhile
        /// The server failed in another way.
        case serverFailure
    }

    /// What kind of failure it is.
    public let code: Code

    /// What went wrong and what to do about it, for people: one or two sentences.
    public let sentence: String

    /// The failure beneath it, such as the status of a call.
    public let cause: (any Error)?

    /// An error of these parts.
    public init(_ code: Code, _ sentence: String, cause: (any Error)? = nil) {
        self.code = code
        self.sentence = sentence
        self.cause = cause
    }
}

extension ClientError: CustomStringConvertible {
    /// The sentence.
    public var description: String { sentence }
}
