// SPDX-License-Identifier: Apache-2.0

internal import CGRPC

/// How a server proves who it is, and what it asks of those who connect.
public enum ServerCredentials: Sendable {
    /// No encryption and no identities.
    case plaintext

    /// Calls `body` with the core's form of it.
    func withCore<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        switch self {
        case .plaintext:
            let credentials = grpc_insecure_server_credentials_create()
            defer { grpc_server_credentials_release(credentials) }
            return body(credentials)
        }
    }
}

/// How a client checks who the server is, and proves who it is itself.
public enum ChannelCredentials: Sendable {
    /// No encryption and no identities.
    case plaintext

    /// Calls `body` with the core's form of it.
    func withCore<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        switch self {
        case .plaintext:
            let credentials = grpc_insecure_credentials_create()
            defer { grpc_channel_credentials_release(credentials) }
            return body(credentials)
        }
    }
}
