// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of ContentAddressableStorage: many blobs at once, and trees.
public enum ContentAddressableStorageMethods {
    /// The full name of the service.
    public static let service = "build.bazel.remote.execution.v2.ContentAddressableStorage"

    /// Asks which blobs are missing.
    public static let findMissingBlobs = Method<
        CallKind.Unary, FindMissingBlobsRequest, FindMissingBlobsResponse
    >(
        service: service, name: "FindMissingBlobs", request: .wire, response: .wire)

    /// Stores many small blobs.
    public static let batchUpdateBlobs = Method<
        CallKind.Unary, BatchUpdateBlobsRequest, BatchUpdateBlobsResponse
    >(
        service: service, name: "BatchUpdateBlobs", request: .wire, response: .wire)

    /// Reads many small blobs.
    public static let batchReadBlobs = Method<CallKind.Unary, BatchReadBlobsRequest, BatchReadBlobsResponse>(
        service: service, name: "BatchReadBlobs", request: .wire, response: .wire)

    /// Reads all directories of a tree.
    public static let getTree = Method<CallKind.ServerStreaming, GetTreeRequest, GetTreeResponse>(
        service: service, name: "GetTree", request: .protobuf, response: .wire)
}
