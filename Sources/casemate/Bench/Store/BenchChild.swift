// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Bytes
import CASDisk
import CASModel
import CASStore
import Foundation

/// What ``StoreChild`` runs.
struct BenchChild: AsyncParsableCommand {
    static let name = "bench-child"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "A part of bench that needs a process of its own.", shouldDisplay: false)

    enum Work: String, ExpressibleByArgument { case fill, open, abandon }

    /// How many blobs are stored at once.
    private static let batch = 4096

    @Argument(help: "What to do: fill, open or abandon.")
    var work: Work

    @Argument(help: "The directory of the store.")
    var directory: String

    @Option(help: "How many blobs to fill it with.")
    var blobs = 1

    func run() async throws {
        switch work {
        case .fill:
            let store = try openStore()
            try await fill(store, blobs)
            store.close()
        case .open: try open()
        case .abandon:
            try await fill(try openStore(), 1)
            kill(getpid(), SIGKILL)
        }
    }

    private func openStore() throws -> DiskStore {
        try DiskStore.open(DiskStoreConfiguration(root: directory), logger: CasemateStore.silent)
    }

    /// Stores blobs that are next to nothing but records.
    private func fill(_ store: DiskStore, _ count: Int) async throws {
        let nonce = UInt64.random(in: .min ... .max)
        for start in stride(from: 0, to: count, by: Self.batch) {
            let batch = try (start..<min(count, start + Self.batch)).map { number in
                var words = (nonce, UInt64(number))
                let content = withUnsafeBytes(of: &words) { Bytes(copying: $0) }
                return WholeBlob(try Digest.of(content), ByteChain(content))
            }
            for result in await store.storeWhole(batch) { try result.get() }
        }
    }

    private func open() throws {
        let cpu = BenchClock.cpuSeconds()
        let start = ContinuousClock.now
        let store = try openStore()
        let wall = (ContinuousClock.now - start) / .seconds(1)
        let seconds = BenchClock.cpuSeconds() - cpu
        let memory = try ServerProcess(getpid()).memory()
        let opening = StoreOpening(
            blobs: store.figures.blobs, wallSeconds: wall, cpuSeconds: seconds,
            residentBytes: memory.resident,
            anonymousBytes: memory.anonymous, indexBytes: store.figures.indexBytes)
        FileHandle.standardOutput.write(try JSONEncoder().encode(opening))
        store.close()
    }
}
