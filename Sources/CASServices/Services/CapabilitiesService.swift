// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import CoreGRPC
internal import RemoteAPI
internal import SwiftProtobuf

/// Tells clients what there is (PROTOCOL.md §4).
struct CapabilitiesService: Sendable {
    let limits: ServiceLimits
    let offering: Offering

    func register(in table: inout MethodTable, _ access: some AccessPolicy) {
        table.add(CapabilitiesMethods.getCapabilities, admitting: access.requiring(.read)) { request, call in
            _ = try InstanceName(request.instanceName)
            return capabilities(canPush: try access.rights(of: call).contains(.push))
        }
    }

    private func capabilities(canPush: Bool) -> ServerCapabilities {
        .with {
            $0.cacheCapabilities = cache(canPush: canPush)
            $0.lowApiVersion = Self.version(2, 0)
            $0.highApiVersion = Self.version(2, 12)
        }
    }

    private func cache(canPush: Bool) -> CacheCapabilities {
        let compressors = offering.compressors.filter { $0 != .identity }.compactMap {
            Build_Bazel_Remote_Execution_V2_Compressor.Value(rawValue: Int($0.rawValue))
        }
        return .with {
            $0.digestFunctions = offering.digestFunctions.compactMap {
                DigestFunctionMessage.Value(rawValue: Int($0.rawValue))
            }
            $0.actionCacheUpdateCapabilities = .with { $0.updateEnabled = canPush }
            $0.maxBatchTotalSizeBytes = Int64(limits.maximumBatchSize)
            $0.maxCasBlobSizeBytes = Int64(limits.maximumBlobSize ?? 0)
            $0.symlinkAbsolutePathStrategy = .allowed
            $0.supportedCompressors = compressors
            $0.supportedBatchUpdateCompressors = compressors
        }
    }

    private static func version(_ major: Int32, _ minor: Int32) -> SemanticVersion {
        .with {
            $0.major = major
            $0.minor = minor
        }
    }
}
