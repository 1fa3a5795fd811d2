// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of ReferenceStorage: BuildStream's names for trees.
public enum ReferenceStorageMethods {
    /// The full name of the service.
    public static let service = "buildstream.v2.ReferenceStorage"

    /// Asks which tree a key names.
    public static let getReference = Method<CallKind.Unary, GetReferenceRequest, GetReferenceResponse>(
        service: service, name: "GetReference", request: .protobuf, response: .protobuf)

    /// Lets keys name a tree.
    public static let updateReference = Method<
        CallKind.Unary, UpdateReferenceRequest, UpdateReferenceResponse
    >(
        service: service, name: "UpdateReference", request: .protobuf, response: .protobuf)

    /// Asks whether the caller may update references.
    public static let status = Method<CallKind.Unary, StatusRequest, StatusResponse>(
        service: service, name: "Status", request: .protobuf, response: .protobuf)
}
