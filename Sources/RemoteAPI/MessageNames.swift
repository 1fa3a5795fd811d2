// SPDX-License-Identifier: Apache-2.0

// The generated names carry their package; these are the ones that the services are written with.

/// A digest as swift-protobuf has it.
public typealias DigestMessage = Build_Bazel_Remote_Execution_V2_Digest
/// The functions that name content, as swift-protobuf has them.
public typealias DigestFunctionMessage = Build_Bazel_Remote_Execution_V2_DigestFunction

/// `google.bytestream.ReadRequest`.
public typealias ReadRequest = Google_Bytestream_ReadRequest
/// `google.bytestream.WriteResponse`.
public typealias WriteResponse = Google_Bytestream_WriteResponse
/// `google.bytestream.QueryWriteStatusRequest`.
public typealias QueryWriteStatusRequest = Google_Bytestream_QueryWriteStatusRequest
/// `google.bytestream.QueryWriteStatusResponse`.
public typealias QueryWriteStatusResponse = Google_Bytestream_QueryWriteStatusResponse

/// `build.bazel.remote.execution.v2.GetTreeRequest`.
public typealias GetTreeRequest = Build_Bazel_Remote_Execution_V2_GetTreeRequest
/// `build.bazel.remote.execution.v2.Directory`.
public typealias Directory = Build_Bazel_Remote_Execution_V2_Directory
/// `build.bazel.remote.execution.v2.FileNode`.
public typealias FileNode = Build_Bazel_Remote_Execution_V2_FileNode
/// `build.bazel.remote.execution.v2.DirectoryNode`.
public typealias DirectoryNode = Build_Bazel_Remote_Execution_V2_DirectoryNode
/// `build.bazel.remote.execution.v2.SymlinkNode`.
public typealias SymlinkNode = Build_Bazel_Remote_Execution_V2_SymlinkNode
/// `build.bazel.remote.execution.v2.Tree`.
public typealias Tree = Build_Bazel_Remote_Execution_V2_Tree

/// `build.bazel.remote.execution.v2.GetCapabilitiesRequest`.
public typealias GetCapabilitiesRequest = Build_Bazel_Remote_Execution_V2_GetCapabilitiesRequest
/// `build.bazel.remote.execution.v2.ServerCapabilities`.
public typealias ServerCapabilities = Build_Bazel_Remote_Execution_V2_ServerCapabilities
/// `build.bazel.remote.execution.v2.CacheCapabilities`.
public typealias CacheCapabilities = Build_Bazel_Remote_Execution_V2_CacheCapabilities
/// `build.bazel.semver.SemVer`.
public typealias SemanticVersion = Build_Bazel_Semver_SemVer

/// `build.bazel.remote.execution.v2.ActionResult`.
public typealias ActionResult = Build_Bazel_Remote_Execution_V2_ActionResult
/// `build.bazel.remote.execution.v2.OutputFile`.
public typealias OutputFile = Build_Bazel_Remote_Execution_V2_OutputFile
/// `build.bazel.remote.execution.v2.OutputDirectory`.
public typealias OutputDirectory = Build_Bazel_Remote_Execution_V2_OutputDirectory
/// `build.bazel.remote.execution.v2.OutputSymlink`.
public typealias OutputSymlink = Build_Bazel_Remote_Execution_V2_OutputSymlink
/// `build.bazel.remote.execution.v2.GetActionResultRequest`.
public typealias GetActionResultRequest = Build_Bazel_Remote_Execution_V2_GetActionResultRequest
/// `build.bazel.remote.execution.v2.UpdateActionResultRequest`.
public typealias UpdateActionResultRequest = Build_Bazel_Remote_Execution_V2_UpdateActionResultRequest

/// `buildstream.v2.GetReferenceRequest`.
public typealias GetReferenceRequest = Buildstream_V2_GetReferenceRequest
/// `buildstream.v2.GetReferenceResponse`.
public typealias GetReferenceResponse = Buildstream_V2_GetReferenceResponse
/// `buildstream.v2.UpdateReferenceRequest`.
public typealias UpdateReferenceRequest = Buildstream_V2_UpdateReferenceRequest
/// `buildstream.v2.UpdateReferenceResponse`.
public typealias UpdateReferenceResponse = Buildstream_V2_UpdateReferenceResponse
/// `buildstream.v2.StatusRequest`.
public typealias StatusRequest = Buildstream_V2_StatusRequest
/// `buildstream.v2.StatusResponse`.
public typealias StatusResponse = Buildstream_V2_StatusResponse

/// `build.bazel.remote.asset.v1.FetchBlobRequest`.
public typealias FetchBlobRequest = Build_Bazel_Remote_Asset_V1_FetchBlobRequest
/// `build.bazel.remote.asset.v1.FetchBlobResponse`.
public typealias FetchBlobResponse = Build_Bazel_Remote_Asset_V1_FetchBlobResponse
/// `build.bazel.remote.asset.v1.FetchDirectoryRequest`.
public typealias FetchDirectoryRequest = Build_Bazel_Remote_Asset_V1_FetchDirectoryRequest
/// `build.bazel.remote.asset.v1.FetchDirectoryResponse`.
public typealias FetchDirectoryResponse = Build_Bazel_Remote_Asset_V1_FetchDirectoryResponse
/// `build.bazel.remote.asset.v1.PushBlobRequest`.
public typealias PushBlobRequest = Build_Bazel_Remote_Asset_V1_PushBlobRequest
/// `build.bazel.remote.asset.v1.PushBlobResponse`.
public typealias PushBlobResponse = Build_Bazel_Remote_Asset_V1_PushBlobResponse
/// `build.bazel.remote.asset.v1.PushDirectoryRequest`.
public typealias PushDirectoryRequest = Build_Bazel_Remote_Asset_V1_PushDirectoryRequest
/// `build.bazel.remote.asset.v1.PushDirectoryResponse`.
public typealias PushDirectoryResponse = Build_Bazel_Remote_Asset_V1_PushDirectoryResponse

/// `grpc.health.v1.HealthCheckRequest`.
public typealias HealthCheckRequest = Grpc_Health_V1_HealthCheckRequest
/// `grpc.health.v1.HealthCheckResponse`.
public typealias HealthCheckResponse = Grpc_Health_V1_HealthCheckResponse
/// `grpc.health.v1.HealthListRequest`.
public typealias HealthListRequest = Grpc_Health_V1_HealthListRequest
/// `grpc.health.v1.HealthListResponse`.
public typealias HealthListResponse = Grpc_Health_V1_HealthListResponse
