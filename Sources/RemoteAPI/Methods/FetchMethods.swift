// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of Fetch of the Remote Asset API: what a URI stands for.
public enum FetchMethods {
    /// The full name of the service.
    public static let service = "build.bazel.remote.asset.v1.Fetch"

    /// Asks for the blob that a URI stands for.
    public static let fetchBlob = Method<CallKind.Unary, FetchBlobRequest, FetchBlobResponse>(
        service: service, name: "FetchBlob", request: .protobuf, response: .protobuf)

    /// Asks for the tree that a URI stands for.
    public static let fetchDirectory = Method<CallKind.Unary, FetchDirectoryRequest, FetchDirectoryResponse>(
        service: service, name: "FetchDirectory", request: .protobuf, response: .protobuf)
}
