// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel

/// A repository of BuildStream on its way into a store. What is wrong in it is reported and passed over.
struct BuildStreamImport {
    private(set) var blobs: BlobIntake
    private(set) var references: ReferenceIntake
    /// How many files are no objects or references.
    private(set) var strays = 0

    private let repository: BuildStreamRepository
    private let instance: InstanceName
    private let progress: ImportProgress

    init(
        _ repository: BuildStreamRepository, into store: DiskStore, instance: InstanceName,
        progress: ImportProgress
    ) {
        self.repository = repository
        self.instance = instance
        self.progress = progress
        blobs = BlobIntake(into: store) { progress.report($0) }
        references = ReferenceIntake(into: store) { progress.report($0) }
    }

    /// Objects first; a reference is set when its tree is complete.
    mutating func run() async throws {
        for shard in try repository.shards() {
            var strays: [String] = []
            for object in try repository.objects(in: shard, stray: { strays.append($0) }) {
                try await take(object)
            }
            for path in strays { pass(over: path, "no object") }
        }
        try await blobs.flush()
        for (text, root) in try repository.references() {
            do {
                try await references.take(try ReferenceKey(text), in: instance, naming: try root.get())
            } catch let error as MalformedValue {
                pass(over: "reference \(MalformedValue.quoted(text))", error.sentence)
            } catch let error as StoreFailure {
                pass(over: "reference \(MalformedValue.quoted(text))", error.description)
            }
        }
    }

    private mutating func take(_ object: BuildStreamRepository.Object) async throws {
        defer { progress.did(bytes: object.digest.size) }
        guard try await !blobs.has(object.digest) else { return }
        let input = try ByteInput(object.path)
        try await blobs.take(object.digest, named: object.path) {
            let piece = try input.read(1 << 20)
            return piece.isEmpty ? nil : piece
        }
    }

    private mutating func pass(over what: String, _ why: String) {
        strays += 1
        progress.report("\(what): \(why)")
    }
}
