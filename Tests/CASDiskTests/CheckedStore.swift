// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

/// A store with small blobs, large blobs and a tree, for a test to damage and to check.
struct CheckedStore {
    private(set) var test: TestStore
    let small: [WholeBlob]
    let large: [WholeBlob]
    let file: WholeBlob
    let root: WholeBlob
    let key: ReferenceKey

    /// The store, closed.
    init(seed: UInt64, _ change: (inout DiskStoreConfiguration) -> Void = { _ in }) async throws {
        test = try TestStore { configuration in
            configuration.segmentSize = 60_000
            change(&configuration)
        }
        var random = SeededRandom(seed: seed)
        small = [1, 40, 5_000, 70_000].map { random.blob(size: $0) }
        large = [1 << 20, 2 << 20 + 9].map { random.blob(size: $0) }
        file = random.blob(size: 300)
        let inner = Self.directory(files: [file.digest], directories: [])
        root = Self.directory(files: [small[1].digest], directories: [inner.digest])
        key = try ReferenceKey("app/\(seed)")
        let groups = [small, large, [file, inner, root]]
        try await test.using { store in
            // A segment for the small blobs, one for each large one, and one for the tree.
            for result in await groups.asyncMap({ await store.storeWhole($0) }).joined() {
                try result.get()
            }
            try await store.updateReferences([key], in: .unnamed, to: root.digest)
        }
    }

    /// The same store, opened without threads of its own.
    func withoutThreads() -> CheckedStore {
        var store = self
        store.test.environment.hasThreads = false
        return store
    }

    /// A toy of a directory: a line for each file and directory.
    private static func directory(files: [Digest], directories: [Digest]) -> WholeBlob {
        let lines = files.map { "f \($0)" } + directories.map { "d \($0)" }
        return WholeBlob(of: Bytes(utf8: lines.joined(separator: "\n")))
    }

    /// Reads what ``directory(files:directories:)`` made.
    static let readDirectory: DiskStore.DirectoryReader = { bytes, function in
        let lines = String(decoding: Array(bytes), as: UTF8.self).split(separator: "\n")
        func digests(_ kind: String) throws -> [Digest] {
            try lines.filter { $0.hasPrefix(kind) }.map { line in
                let parts = line.dropFirst(2).split(separator: "/")
                return try Digest(function, hexadecimal: parts[0], size: Int(parts[1]) ?? -1)
            }
        }
        return .init(files: try digests("f "), directories: try digests("d "))
    }

    /// What a check says; it opens the store and closes it.
    func check(repairing: Bool = false) async throws -> (StoreCheckSummary, [StoreFinding]) {
        try await test.using { try await Self.check($0, repairing: repairing) }
    }

    static func check(
        _ store: DiskStore, repairing: Bool
    ) async throws -> (StoreCheckSummary, [StoreFinding]) {
        var findings: [StoreFinding] = []
        let summary = try await store.check(repairing: repairing, readDirectory: readDirectory) {
            findings.append($0)
        }
        #expect(summary.findings == findings.count)
        return (summary, findings)
    }

    /// Where the record of a blob is.
    func entry(of blob: WholeBlob) async throws -> IndexEntry {
        try await test.using { try #require($0.catalog.index.entry(of: IndexKey(of: blob.digest))) }
    }

    func segment(_ number: UInt32) -> String {
        test.directory.path("store/segments/\(String(format: "%08d", number)).seg")
    }

    /// The path of a large blob's file.
    func object(of blob: WholeBlob) async throws -> String {
        let hash = blob.digest.hexadecimal
        return try #require(try test.directory.files(in: "store/objects").first { $0.contains(hash) })
    }

    static func flip(_ path: String, at offset: Int) throws {
        let file = try File(path, .readAndWrite, on: OperatingSystem())
        var byte: UInt8 = 0
        _ = try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, at: offset) }
        byte ^= 0x10
        try withUnsafeBytes(of: byte) { try file.write($0, at: offset) }
    }
}
