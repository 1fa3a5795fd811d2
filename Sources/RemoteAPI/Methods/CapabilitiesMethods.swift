// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of Capabilities: what the server can do.
public enum CapabilitiesMethods {
    /// The full name of the service.
    public static let service = "build.bazel.remote.execution.v2.Capabilities"

    /// Asks what the server can do.
    public static let getCapabilities = Method<CallKind.Unary, GetCapabilitiesRequest, ServerCapabilities>(
        service: service, name: "GetCapabilities", request: .protobuf, response: .protobuf)
}
