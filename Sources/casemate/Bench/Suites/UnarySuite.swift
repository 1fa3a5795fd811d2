// SPDX-License-Identifier: Apache-2.0

import CASModel
import CoreGRPC
import RemoteAPI

/// Calls that do next to nothing: a health check, or GetCapabilities of a server that has no health service.
struct UnarySuite: BenchSuite {
    let calls: Int
    let streams: Int
    var unit: BenchUnit { .calls }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let channels = try await target.connect(streams: streams)
        let hasHealth = try await Self.hasHealth(channels[0])
        var capabilities = GetCapabilitiesRequest()
        capabilities.instanceName = target.instance.text
        let question = capabilities
        return {
            try await channels.share(Array(0..<calls)) { _, channel in
                if hasHealth {
                    _ = try await channel.call(HealthMethods.check, HealthCheckRequest())
                } else {
                    _ = try await channel.call(CapabilitiesMethods.getCapabilities, question)
                }
                return BenchTally(calls: 1)
            }
        }
    }

    private static func hasHealth(_ channel: Channel) async throws -> Bool {
        do {
            _ = try await channel.call(HealthMethods.check, HealthCheckRequest())
            return true
        } catch let status as RPCStatus where status.code == .unimplemented {
            return false
        }
    }
}
