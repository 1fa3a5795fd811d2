// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// The rpcs of ActionCache: the results of actions.
public enum ActionCacheMethods {
    /// The full name of the service.
    public static let service = "build.bazel.remote.execution.v2.ActionCache"

    /// Reads the result of an action.
    public static let getActionResult = Method<CallKind.Unary, GetActionResultRequest, ActionResult>(
        service: service, name: "GetActionResult", request: .protobuf, response: .protobuf)

    /// Stores the result of an action.
    public static let updateActionResult = Method<CallKind.Unary, UpdateActionResultRequest, ActionResult>(
        service: service, name: "UpdateActionResult", request: .protobuf, response: .protobuf)
}
