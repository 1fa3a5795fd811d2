// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of google.bytestream.ByteStream: blobs of any size, in pieces.
public enum ByteStreamMethods {
    /// The full name of the service.
    public static let service = "google.bytestream.ByteStream"

    /// Reads a blob, or a part of it.
    public static let read = Method<CallKind.ServerStreaming, ReadRequest, ReadResponse>(
        service: service, name: "Read", request: .protobuf, response: .wire)

    /// Writes a blob.
    public static let write = Method<CallKind.ClientStreaming, WriteRequest, WriteResponse>(
        service: service, name: "Write", request: .wire, response: .protobuf)

    /// Asks how much of an upload is kept.
    public static let queryWriteStatus = Method<
        CallKind.Unary, QueryWriteStatusRequest, QueryWriteStatusResponse
    >(
        service: service, name: "QueryWriteStatus", request: .protobuf, response: .protobuf)
}
