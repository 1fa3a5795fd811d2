// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import CoreGRPC

extension ClientError {
    /// What a call to `url` that ended with `status` means to whoever asked for it.
    init(_ status: RPCStatus, from url: RemoteURL) {
        let (code, sentence) = Self.meaning(of: status, from: url)
        self.init(code, sentence, cause: status)
    }

    private static func meaning(of status: RPCStatus, from url: RemoteURL) -> (Code, String) {
        let said = status.message.isEmpty ? "" : " It says: \(status.message)"
        switch status.code {
        case .unavailable:
            let reason = status.message.isEmpty ? "" : " (\(status.message))"
            return (
                .unreachable,
                "The server \(url) cannot be reached\(reason). Check the address, and that the server runs."
            )
        case .deadlineExceeded:
            return (.timedOut, "The server \(url) did not answer in time. Try again when it is less busy.")
        case .unauthenticated:
            return (
                .notPermitted, "The server \(url) does not know who asks. Connect with a client certificate."
            )
        case .permissionDenied:
            return (
                .notPermitted,
                "The server \(url) does not allow this. Ask whoever runs it for the right to do it.\(said)"
            )
        case .unimplemented:
            return (.unsupported, "The server \(url) does not offer what is needed.\(said)")
        case .resourceExhausted:
            return (.serverFull, "The server \(url) has no room for this now.\(said)")
        case .ok, .cancelled, .unknown, .invalidArgument, .notFound, .alreadyExists, .failedPrecondition,
            .aborted, .outOfRange, .internal, .dataLoss:
            return (.serverFailure, "The server \(url) failed with \(status).")
        }
    }
}

extension RemoteURL {
    /// Runs `body`; a status that ends a call in it becomes a ``ClientError``, unless the task was cancelled.
    func explaining<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let status as RPCStatus {
            try Task.checkCancellation()
            throw ClientError(status, from: self)
        } catch let value as MalformedValue {
            throw ClientError(.invalidArgument, value.sentence, cause: value)
        }
    }
}
