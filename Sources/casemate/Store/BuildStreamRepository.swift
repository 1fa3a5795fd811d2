// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import Foundation
import RemoteAPI
import SwiftProtobuf

/// The directory of a `bst-artifact-server`, or of BuildStream 1's own cache:
/// `cas/objects/xx/REST` by SHA-256, `cas/refs/heads/KEY` with an encoded digest in each (BuildStream 1, cascache.py).
struct BuildStreamRepository {
    private let objects: String
    private let heads: String

    /// The repository in `directory`, or in whose directory `cas` it is.
    ///
    /// - Throws: a ``StoreFailure`` when there is none.
    init(_ directory: String) throws {
        let candidates = [directory + "/cas", directory]
        guard
            let cas = candidates.first(where: {
                Self.isDirectory($0 + "/objects") && Self.isDirectory($0 + "/refs/heads")
            })
        else {
            throw StoreFailure(
                "There is no repository of BuildStream in \(directory): it has neither cas/objects and cas/refs/heads nor objects and refs/heads."
            )
        }
        objects = cas + "/objects"
        heads = cas + "/refs/heads"
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory.boolValue
    }

    /// An object, under the digest that its path and length say.
    struct Object {
        let digest: Digest
        let path: String
    }

    /// The names of the directories that objects are in.
    func shards() throws -> [String] {
        try Self.names(in: objects)
    }

    /// The objects in one of ``shards()``; `stray` is told of files that are none.
    func objects(in shard: String, stray: (String) -> Void) throws -> [Object] {
        try Self.names(in: "\(objects)/\(shard)").compactMap { name in
            let path = "\(objects)/\(shard)/\(name)"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular,
                let size = (attributes[.size] as? NSNumber)?.intValue,
                // A name that is none of an object makes no digest.
                shard.count == 2, let digest = try? Digest(.sha256, hexadecimal: shard + name, size: size)
            else {
                stray(path)
                return nil
            }
            return Object(digest: digest, path: path)
        }
    }

    /// Every reference, by its path below `refs/heads`, with what its file says.
    func references() throws -> [(key: String, root: Result<Digest, StoreFailure>)] {
        guard let paths = FileManager.default.enumerator(atPath: heads) else {
            throw StoreFailure("Cannot list \(heads).")
        }
        return try paths.compactMap { $0 as? String }.sorted().compactMap { key in
            guard !Self.isDirectory("\(heads)/\(key)") else { return nil }
            return (key, try root(in: "\(heads)/\(key)"))
        }
    }

    private func root(in path: String) throws -> Result<Digest, StoreFailure> {
        let content = try ByteInput(path).readWhole(4096)
        do {
            let message = try DigestMessage(serializedBytes: [UInt8](content))
            return .success(
                try Digest(.sha256, hexadecimal: message.hash, size: Int(message.sizeBytes)))
        } catch {
            return .failure(StoreFailure("its file holds no digest"))
        }
    }

    private static func names(in directory: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch {
            throw StoreFailure("Cannot list \(directory).")
        }
    }
}
