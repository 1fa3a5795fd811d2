// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASDisk
import CASModel

/// An archive on its way into a store.
struct ArchiveImport {
    /// An archive of which enough was read to know it as one, before a store is made for it.
    struct Beginning {
        fileprivate let name: String
        fileprivate let tar: TarReader
        fileprivate let header: TarHeader

        /// - Throws: a ``StoreFailure`` for what is no archive.
        init(of input: ByteInput) throws {
            var tar = TarReader(input)
            do {
                guard let first = try tar.next() else {
                    throw StoreFailure("The archive \(input.name) is empty.")
                }
                header = first
            } catch is TarReader.Truncated {
                throw StoreFailure("There is no tar archive in \(input.name).")
            }
            _ = try Archive.entry(header)
            (self.tar, name) = (tar, input.name)
        }
    }

    private(set) var blobs: BlobIntake
    private(set) var references: ReferenceIntake

    private let name: String
    private let instance: InstanceName?
    private let progress: ImportProgress
    private var tar: TarReader
    private var header: TarHeader?
    private var hasVersion = false
    private var listed: [ArchivedReference] = []

    /// An archive that was begun, whose references go to `instance`, or where they were.
    init(
        _ beginning: Beginning, into store: DiskStore, instance: InstanceName?, progress: ImportProgress
    ) {
        self.instance = instance
        self.progress = progress
        (name, tar, header) = (beginning.name, beginning.tar, beginning.header)
        blobs = BlobIntake(into: store) { progress.report($0) }
        references = ReferenceIntake(into: store) { progress.report($0) }
    }

    /// Takes everything in; what was whole of an archive that is cut off stays.
    ///
    /// - Throws: a ``StoreFailure`` for something that is no archive, or is cut off.
    mutating func run() async throws {
        do {
            while let header {
                try await take(header)
                self.header = try tar.next()
            }
        } catch is TarReader.Truncated {
            try await blobs.flush()
            throw StoreFailure(
                "The archive \(name) is cut off; \(blobs.tally.stored) blobs of it were stored, and no reference."
            )
        }
        try await blobs.flush()
        guard hasVersion else {
            throw StoreFailure("The archive \(name) has no entry \(Archive.versionName).")
        }
        for reference in listed {
            try await references.take(
                reference.key, in: instance ?? reference.instance, naming: reference.root)
        }
    }

    private mutating func take(_ header: TarHeader) async throws {
        switch try Archive.entry(header) {
        case .folder: break
        case .version:
            let line = try content(atMost: 100)
            guard line == Archive.versionLine else {
                throw StoreFailure(
                    "The archive has the format “\(TarHeader.printable(line))”; this version reads “\(Archive.versionLine.dropLast())”."
                )
            }
            hasVersion = true
        case .references:
            listed += try content(atMost: Archive.longestReferences).split(separator: "\n").map {
                try ArchivedReference(line: $0)
            }
        case .blob(let digest):
            var reader = tar
            defer { tar = reader }
            try await blobs.take(digest, named: header.name) { try reader.piece() }
            progress.did(bytes: digest.size)
        }
    }

    private mutating func content(atMost limit: Int) throws -> String {
        var chain = ByteChain()
        while let piece = try tar.piece() {
            chain.append(piece)
            guard chain.count <= limit else {
                throw StoreFailure(
                    "The archive \(name) is damaged: a list in it is longer than \(limit) bytes.")
            }
        }
        return String(decoding: [UInt8](chain.joined()), as: UTF8.self)
    }
}
