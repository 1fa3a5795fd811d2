// SPDX-License-Identifier: Apache-2.0

import CASClient
import CASModel
import CoreGRPC
import RemoteAPI

/// The server that is measured, as the suites see it: connections to it, and blobs for it.
struct BenchTarget: Sendable {
    private let remote: Remote
    private let content = BenchContent()

    init(_ remote: Remote) {
        self.remote = remote
    }

    /// The namespace that requests name.
    var instance: InstanceName { remote.instance }

    /// The most bytes that a batch may have; nothing is longer than the 4 MiB that every server takes.
    var batchSizeAtMost: Int { remote.capabilities.batchSizeAtMost }

    /// A new connection that no other channel shares, already open.
    func connect() async throws -> Channel {
        var configuration = ChannelConfiguration()
        configuration.sharesConnections = false
        let channel = Channel(to: remote.url.target, configuration)
        do {
            var request = GetCapabilitiesRequest()
            request.instanceName = instance.text
            _ = try await channel.call(CapabilitiesMethods.getCapabilities, request)
        } catch let status as RPCStatus where status.code == .unimplemented {
            // The connection is open all the same.
        }
        return channel
    }

    /// As many connections as there are `streams`.
    func connect(streams: Int) async throws -> [Channel] {
        var channels: [Channel] = []
        for _ in 0..<streams { channels.append(try await connect()) }
        return channels
    }

    /// A blob that the server does not have.
    func freshBlob(size: Int) throws -> BenchBlob {
        try content.blob(size: size)
    }

    /// Blobs that the server does not have, hashed on all cores.
    func freshBlobs(_ count: Int, size: Int) async throws -> [BenchBlob] {
        try await inParallel(0..<count) { _ in [try freshBlob(size: size)] }
    }
}

/// Runs `body` for all `items` at once and returns what it returned, in any order.
func inParallel<Item: Sendable, Result: Sendable>(
    _ items: some Sequence<Item>, _ body: @escaping @Sendable (Item) async throws -> [Result]
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: [Result].self) { group in
        for item in items { group.addTask { try await body(item) } }
        return try await group.reduce(into: []) { $0 += $1 }
    }
}
