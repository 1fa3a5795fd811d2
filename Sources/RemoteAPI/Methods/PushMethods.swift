// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of Push of the Remote Asset API: lets URIs stand for content.
public enum PushMethods {
    /// The full name of the service.
    public static let service = "build.bazel.remote.asset.v1.Push"

    /// Lets URIs stand for a blob.
    public static let pushBlob = Method<CallKind.Unary, PushBlobRequest, PushBlobResponse>(
        service: service, name: "PushBlob", request: .protobuf, response: .protobuf)

    /// Lets URIs stand for a tree.
    public static let pushDirectory = Method<CallKind.Unary, PushDirectoryRequest, PushDirectoryResponse>(
        service: service, name: "PushDirectory", request: .protobuf, response: .protobuf)
}
