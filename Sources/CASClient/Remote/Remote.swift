// SPDX-License-Identifier: Apache-2.0

public import CASModel
internal import CoreGRPC
internal import RemoteAPI

/// A server, one of its instances, and what it can do.
///
/// A value that may be used from many tasks at once; they share one connection.
public struct Remote: Sendable {
    /// Where the server is.
    public let url: RemoteURL

    /// The namespace of references.
    public let instance: InstanceName

    /// What the server says it can do.
    public let capabilities: RemoteCapabilities

    let configuration: RemoteConfiguration
    let channel: Channel
    let offered = OfferedMethods()

    /// Connects to the server at `url` and asks what it can do.
    ///
    /// - Throws: ``ClientError`` when it cannot be reached within the time that `configuration` gives, or cannot do
    ///   what this client needs; `CancellationError` when the task is cancelled.
    public static func connect(
        to url: RemoteURL, instance: InstanceName = .unnamed,
        _ configuration: RemoteConfiguration = RemoteConfiguration()
    ) async throws -> Remote {
        guard url.scheme == .grpc else {
            throw ClientError(
                .unsupported,
                "TLS is not there yet: \(url) cannot be used. Use grpc:// on a network you trust.")
        }
        let channel = Channel(to: url.target)
        let capabilities = try await url.explaining {
            try await askCapabilities(of: instance, over: channel, configuration)
        }
        guard capabilities.digestFunctions.contains(.sha256) else {
            throw ClientError(
                .unsupported,
                "The server \(url) does not offer SHA-256, the only digest function of this client.")
        }
        return Remote(
            url: url, instance: instance, capabilities: capabilities, configuration: configuration,
            channel: channel)
    }

    private static func askCapabilities(
        of instance: InstanceName, over channel: Channel, _ configuration: RemoteConfiguration
    ) async throws -> RemoteCapabilities {
        var request = GetCapabilitiesRequest()
        request.instanceName = instance.text
        let deadline = ContinuousClock.now + configuration.connectTimeout
        do {
            let answer = try await configuration.retries.retrying {
                let timeLeft = max(deadline - .now, .milliseconds(1))
                return try await channel.call(
                    CapabilitiesMethods.getCapabilities, request, CallOptions(timeout: timeLeft))
            }
            return RemoteCapabilities(answer, batchSizeAtMost: configuration.batchSizeAtMost)
        } catch let status as RPCStatus where status.code == .unimplemented {
            return .unannounced
        } catch let status as RPCStatus where status.code == .deadlineExceeded {
            throw RPCStatus(.unavailable, "no answer within \(configuration.connectTimeout)")
        }
    }
}
