// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc

/// The directory of a store, made or found, and locked for this process as long as this exists.
final class StoreDirectory: Sendable {
    /// The format that this version writes and reads, as it stands in `FORMAT`.
    static let format = "casemate-store 1"

    let files: StoreFiles

    /// A number that no other store has: it seeds the checksums of records.
    let identity: UInt64

    private let lock: File

    /// The store at `root`, which becomes one if nothing is there.
    ///
    /// - Throws: ``StoreError/Code/unusable`` for a directory that is something else, of another format, or
    ///   in use.
    init(_ root: String, in environment: StoreEnvironment) throws(StoreError) {
        files = StoreFiles(root: root, on: environment.system, records: environment.records)
        do throws(StoreError) {
            try Self.makeRoot(root, files)
            let isStore = try Self.isStore(files)
            if !isStore { try Self.syncParents(of: root, files) }
            // Nothing is written to a directory that is not a store: this comes after looking.
            lock = try Self.lock(files)
            identity = isStore ? try Self.readFormat(files) : try Self.create(files)
            for directory in [files.index, files.segments, files.objects, files.uploads] {
                try files.makeDirectory(directory)
            }
            // Always: who made them may have died before the disk had their names.
            try files.syncDirectory(files.root)
        } catch {
            // Whatever the system refused, there is no store to use.
            throw StoreError(.unusable, error.sentence, cause: error.cause)
        }
    }

    private static func makeRoot(_ root: String, _ files: StoreFiles) throws(StoreError) {
        var path = root.hasPrefix("/") ? "" : "."
        for segment in root.split(separator: "/") {
            path += "/" + segment
            do {
                try files.system.makeDirectory(path)
            } catch {
                // Above the root, a directory may be one that this user can only pass.
                guard error.number != EEXIST, error.number != EACCES, error.number != EROFS else { continue }
                throw .system(error, doing: "make the directory \(path)")
            }
        }
    }

    /// Brings the directories on the way to the root to the disk, whoever made them: a store that vanished with
    /// the power would have promised in vain.
    private static func syncParents(of root: String, _ files: StoreFiles) throws(StoreError) {
        var path = root.hasPrefix("/") ? "/" : "."
        for segment in root.split(separator: "/") {
            defer { path += path.hasSuffix("/") ? segment : "/" + segment }
            do {
                try files.system.syncDirectory(path)
            } catch {
                // One that this user can only pass was not made by this user.
                guard error.number != EACCES, error.number != EROFS else { continue }
                throw .system(error, doing: "sync the directory \(path)")
            }
        }
    }

    /// Whether the directory holds a store of the known format; false if it holds nothing.
    private static func isStore(_ files: StoreFiles) throws(StoreError) -> Bool {
        let names = try files.names(in: files.root)
        guard !names.contains("FORMAT") else {
            _ = try readFormat(files)
            return true
        }
        // The second and third are what a store has that died while it was made; the first, every ext4 disk.
        let strangers = names.filter { !["lost+found", "LOCK", "FORMAT.new"].contains($0) }
        guard strangers.isEmpty else {
            throw StoreError(
                .unusable,
                "The directory \(files.root) is not a store and not empty: it holds “\(strangers[0])”.")
        }
        return false
    }

    private static func lock(_ files: StoreFiles) throws(StoreError) -> File {
        let file = try files.open(files.lock, .create)
        let isHeld = try file.orStoreError("lock \(files.lock)") { () throws(SystemError) in try file.lock() }
        guard isHeld else {
            let holder = try text(of: file).trimmed
            throw StoreError(
                .unusable,
                "The store \(files.root) is in use by the process \(holder.isEmpty ? "that just opened it" : holder)."
            )
        }
        try write("\(getpid())\n", to: file)
        return file
    }

    private static func readFormat(_ files: StoreFiles) throws(StoreError) -> UInt64 {
        let lines = try text(of: try files.open(files.format, .read)).split(separator: "\n")
        guard lines.first.map(String.init) == format else {
            throw StoreError(
                .unusable,
                "The store \(files.root) has the format “\((lines.first ?? "").printable)”; this version reads “\(format)”."
            )
        }
        let prefix = "identity "
        guard lines.count > 1, lines[1].hasPrefix(prefix),
            let identity = UInt64(lines[1].dropFirst(prefix.count), radix: 16)
        else {
            throw StoreError(.unusable, "The file \(files.format) does not name the identity of the store.")
        }
        return identity
    }

    private static func create(_ files: StoreFiles) throws(StoreError) -> UInt64 {
        let identity = UInt64.random(in: 1 ... .max)
        let new = files.format + ".new"
        try write(
            "\(format)\nidentity \(hexadecimal(identity, digits: 16))\n", to: try files.open(new, .create))
        try files.rename(new, to: files.format)
        try files.syncDirectory(files.root)
        return identity
    }

    private static func write(_ text: String, to file: File) throws(StoreError) {
        try file.orStoreError("write \(file.path)") { () throws(SystemError) in
            try file.truncate(to: 0)
            let bytes = Array(text.utf8)
            try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(bytes), at: 0)
            }
            try file.sync()
        }
    }

    private static func text(of file: File) throws(StoreError) -> String {
        try file.orStoreError("read \(file.path)") { () throws(SystemError) in
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = try bytes.withUnsafeMutableBufferPointer { (room) throws(SystemError) in
                try file.read(into: UnsafeMutableRawBufferPointer(room), at: 0)
            }
            return String(decoding: bytes[..<count], as: UTF8.self)
        }
    }
}

extension String {
    fileprivate var trimmed: Substring { self.drop(while: \.isWhitespace).prefix { !$0.isWhitespace } }
}

extension Substring {
    /// As much as a sentence has room for, without what a terminal would take for orders.
    fileprivate var printable: String {
        unicodeScalars.prefix(60).reduce(into: "") { text, scalar in
            text += 0x20..<0x7F ~= scalar.value ? String(scalar) : scalar.escaped(asASCII: true)
        }
    }
}
