// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of The health service: whether the server can be asked for anything.
public enum HealthMethods {
    /// The full name of the service.
    public static let service = "grpc.health.v1.Health"

    /// Asks how a service is.
    public static let check = Method<CallKind.Unary, HealthCheckRequest, HealthCheckResponse>(
        service: service, name: "Check", request: .protobuf, response: .protobuf)

    /// Asks how all services are.
    public static let list = Method<CallKind.Unary, HealthListRequest, HealthListResponse>(
        service: service, name: "List", request: .protobuf, response: .protobuf)

    /// Is told how a service is, now and whenever that changes.
    public static let watch = Method<CallKind.ServerStreaming, HealthCheckRequest, HealthCheckResponse>(
        service: service, name: "Watch", request: .protobuf, response: .protobuf)
}
