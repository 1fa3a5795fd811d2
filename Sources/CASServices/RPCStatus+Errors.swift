// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import CASStore
public import CoreGRPC

/// Every status code that a service answers with is chosen here.
extension RPCStatus {
    /// The status that an error of a service stands for; nil for one that is the server's own failure, of which a
    /// client is told no more than a number.
    public static func ofServiceError(_ error: any Error) -> RPCStatus? {
        switch error {
        case let status as RPCStatus: status
        case let error as MalformedValue: RPCStatus(.invalidArgument, error.sentence)
        case let error as StoreError: code(error.code).map { RPCStatus($0, error.sentence) }
        case let error as AccessDenied: RPCStatus(.permissionDenied, error.sentence)
        case let error as UnknownHealthService: RPCStatus(.notFound, error.sentence)
        case is HealthBoard.Closed: RPCStatus(.unavailable, "The server is stopping.")
        default: nil
        }
    }

    /// What a client is told of an entry of a batch that failed by the server's own fault.
    static let unexpected = RPCStatus(.internal, "Internal error; the server's log says more.")

    private static func code(_ code: StoreError.Code) -> Code? {
        switch code {
        case .notFound: .notFound
        case .mismatch: .invalidArgument
        case .outOfRange: .outOfRange
        case .corruption: .dataLoss
        case .noSpace: .resourceExhausted
        case .superseded: .aborted
        case .unusable, .failed: nil
        }
    }
}
