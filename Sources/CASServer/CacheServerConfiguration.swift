// SPDX-License-Identifier: Apache-2.0

public import CASDisk
public import CoreGRPC

/// All that a server is told at its start.
public struct CacheServerConfiguration: Sendable {
    /// Where blobs, references and action results are kept.
    public var store: DiskStoreConfiguration

    /// Where to listen, and how connections are treated.
    public var network: ServerConfiguration

    /// How many bytes of disk the store may occupy, nil for as many as there are.
    public var maximumSize: Int? {
        get { store.maximumSize }
        set { store.maximumSize = newValue }
    }

    /// Whether callers without an identity may push.
    public var anonymousMayPush = true

    /// How many threads take calls.
    public var threadCount = Pollers.defaultThreadCount

    /// How long calls may go on when the server is told to stop.
    public var shutdownGrace = Duration.seconds(20)

    /// How often the server looks whether its store takes writes (PROTOCOL.md §8).
    public var writabilityInterval = Duration.seconds(2)

    /// A file to write the addresses to, one a line, when the server is ready.
    public var addressFile: String?

    /// The port that clients expect where none is named (DESIGN.md §10).
    public static let defaultAddress = "127.0.0.1:11001"

    /// `text`, if it has the form of an address to listen on.
    ///
    /// - Throws: an error with one sentence, when it has not.
    public static func address(_ text: String) throws -> String {
        try ServerConfiguration.Listener.check(text)
        return text
    }

    /// The defaults, for a store at `root` and a server at `addresses`, each a `host:port`.
    public init(root: String, addresses: [String] = [defaultAddress]) {
        store = DiskStoreConfiguration(root: root)
        network = ServerConfiguration(
            listeners: addresses.map { .init(address: $0, credentials: .plaintext) })
    }
}
