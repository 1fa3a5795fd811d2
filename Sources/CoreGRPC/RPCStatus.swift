// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// How a call ended, as both sides see it: thrown when it is not OK.
public struct RPCStatus: Error, Sendable, Equatable {
    /// The codes of gRPC, with their numbers on the wire.
    public enum Code: Int, Sendable, CaseIterable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16

        /// The name as the specification writes it, as in `NOT_FOUND`.
        public var name: String {
            "\(self)".reduce(into: "") { text, character in
                if character.isUppercase { text += "_" }
                text += character.uppercased()
            }
        }
    }

    /// What kind of end it is.
    public let code: Code

    /// A sentence for people.
    public let message: String

    /// An encoded `google.rpc.Status` with details for programs; empty if there are none.
    public let details: Bytes

    /// A status of these parts.
    public init(_ code: Code, _ message: String, details: Bytes = Bytes()) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The call did what it was asked.
    public static let ok = RPCStatus(.ok, "")

    private static let detailsKey = "grpc-status-details-bin"

    func trailingMetadata(with trailing: Metadata) -> Metadata {
        guard !details.isEmpty else { return trailing }
        var all = trailing
        all.append(Self.detailsKey, details)
        return all
    }

    init(number: Int, message: String, trailing: Metadata) {
        self.init(Code(rawValue: number) ?? .unknown, message, details: trailing[Self.detailsKey] ?? Bytes())
    }
}

extension RPCStatus: CustomStringConvertible {
    /// The name of the code, and the sentence.
    public var description: String {
        message.isEmpty ? code.name : "\(code.name): \(message)"
    }
}
