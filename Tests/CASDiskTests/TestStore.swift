// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Logging
import Synchronization

@testable import CASDisk

/// A directory that a test opens a store in, again and again.
struct TestStore {
    let directory: TemporaryDirectory
    var configuration: DiskStoreConfiguration
    var environment = StoreEnvironment()
    let log = GatheredLog()

    init(_ change: (inout DiskStoreConfiguration) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory()
        configuration = DiskStoreConfiguration(root: directory.path("store"))
        change(&configuration)
    }

    func open() throws -> DiskStore {
        let log = log
        let logger = Logger(label: "test") { _ in log }
        return try DiskStore(configuration, logger: logger, environment: environment)
    }

    /// What `body` returns of a store that is opened for it and closed after it.
    func using<Result>(_ body: (DiskStore) async throws -> Result) async throws -> Result {
        let store = try open()
        defer { store.close() }
        return try await body(store)
    }

    /// Runs `body` in a store that is then dropped without a close, as a process that dies does.
    func abandoning(_ body: (DiskStore) async throws -> Void) async throws {
        try await body(try open())
    }
}

/// Keeps log lines for a test to look at.
final class GatheredLog: LogHandler, Sendable {
    private let gathered = Mutex<[String]>([])

    var lines: [String] { gathered.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        gathered.withLock { $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])") }
    }
}

extension BlobStore {
    func store(_ content: Bytes) async throws -> Digest {
        let digest = try Digest.of(content)
        try await store(content, as: digest)
        return digest
    }

    func store(_ content: Bytes, as digest: Digest) async throws {
        for result in await storeWhole([WholeBlob(digest, ByteChain(content))]) { try result.get() }
    }

    func content(of digest: Digest) async throws(StoreError) -> Bytes {
        try await readWhole([digest])[0].get()
    }

    func streamed(_ digest: Digest, from offset: Int = 0) async throws(StoreError) -> Bytes {
        let reader = try await reader(of: digest, from: offset)
        var chain = ByteChain()
        while let piece = try await reader.next() { chain.append(piece) }
        return chain.joined()
    }

    func has(_ digest: Digest) async throws -> Bool {
        try await missing(among: [digest]).isEmpty
    }
}
