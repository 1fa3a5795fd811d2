// SPDX-License-Identifier: Apache-2.0

import CASModel

/// What stands in an archive of a store: a tar archive of three kinds of files, which any tar can list and repack.
///
///     casemate-archive             the line «casemate-archive 1»
///     blobs/sha256/xx/HASH         the content of a blob, once each; xx are the first two digits
///     references                   a line for each: instance, key, hash, size, with a tab between them
///
/// The references come last, so that an archive which was cut off brings back none that names what is missing.
enum Archive {
    static let versionName = "casemate-archive"
    static let versionLine = "casemate-archive 1\n"
    static let referencesName = "references"

    /// The longest list of references that is read: some hundred thousand.
    static let longestReferences = 64 << 20

    /// What an entry of an archive is.
    enum Entry: Equatable {
        case version
        case blob(Digest)
        case references
        /// A directory above these, which an archive that was repacked has.
        case folder
    }

    /// The name of a blob's file.
    static func name(of blob: Digest) -> String {
        "blobs/\(blob.function.name)/\(blob.hexadecimal.prefix(2))/\(blob.hexadecimal)"
    }

    /// What `header` stands in front of.
    ///
    /// - Throws: a ``StoreFailure`` for a name that no archive has.
    static func entry(_ header: TarHeader) throws -> Entry {
        let name = header.name.hasPrefix("./") ? String(header.name.dropFirst(2)) : header.name
        let parts = name.split(separator: "/")
        switch header.kind {
        case .directory:
            // Nothing is made of a directory, so any name that an archive can have is as good.
            guard parts.isEmpty || (parts[0] == "blobs" && parts.count <= 3), !name.hasPrefix("/") else {
                break
            }
            return .folder
        case .file:
            if name == versionName { return .version }
            if name == referencesName { return .references }
            // An entry that is not written as it would be is not what it says.
            if parts.count == 4, let digest = try? Digest(.sha256, hexadecimal: parts[3], size: header.size),
                name == Self.name(of: digest)
            {
                return .blob(digest)
            }
        case .extended, .global, .longName: break
        }
        throw StoreFailure(
            "This is no archive of a store: it holds “\(TarHeader.printable(header.name))”, which is neither "
                + "\(versionName), \(referencesName) nor the name of a blob.")
    }
}

/// A reference as it stands in an archive.
struct ArchivedReference {
    let instance: InstanceName
    let key: ReferenceKey
    let root: Digest

    var line: String { "\(instance)\t\(key)\t\(root.hexadecimal)\t\(root.size)\n" }

    init(instance: InstanceName, key: ReferenceKey, root: Digest) {
        (self.instance, self.key, self.root) = (instance, key, root)
    }

    /// The reference that a line without its end says.
    init(line: some StringProtocol) throws {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard parts.count == 4, let size = Int(parts[3]) else {
            throw StoreFailure(
                "The archive is damaged: it has the reference “\(TarHeader.printable(String(line)))”.")
        }
        do {
            instance = try InstanceName(parts[0])
            key = try ReferenceKey(String(parts[1]))
            root = try Digest(.sha256, hexadecimal: parts[2], size: size)
        } catch {
            throw StoreFailure("The archive is damaged: \(error)")
        }
    }
}
