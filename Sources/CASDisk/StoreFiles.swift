// SPDX-License-Identifier: Apache-2.0

import CASStore
import Glibc

/// The paths of a store, and the operations on them that name no open file (DESIGN.md §5).
struct StoreFiles: Sendable {
    let root: String
    let system: any FileSystem
    /// The database of references and action results.
    let records: String

    var format: String { "\(root)/FORMAT" }
    var lock: String { "\(root)/LOCK" }
    var index: String { "\(root)/index" }
    var state: String { "\(root)/index/state" }
    var checkpoint: String { "\(root)/index/checkpoint" }
    var segments: String { "\(root)/segments" }
    var objects: String { "\(root)/objects" }
    var uploads: String { "\(root)/uploads" }

    init(root: String, on system: any FileSystem, records: String? = nil) {
        self.root = root
        self.system = system
        self.records = records ?? "\(root)/records.sqlite"
    }

    func open(_ path: String, _ mode: File.Mode) throws(StoreError) -> File {
        do {
            return try File(path, mode, on: system)
        } catch {
            throw .system(error, doing: "open \(path)")
        }
    }

    func rename(_ path: String, to newPath: String) throws(StoreError) {
        do {
            try system.rename(path, to: newPath)
        } catch {
            throw .system(error, doing: "rename \(path) to \(newPath)")
        }
    }

    /// Removes a file; that it is not there is as good.
    func remove(_ path: String) throws(StoreError) {
        do {
            try system.remove(path)
        } catch {
            guard error != .notThere else { return }
            throw .system(error, doing: "remove \(path)")
        }
    }

    /// Makes a directory unless it is there.
    func makeDirectory(_ path: String) throws(StoreError) {
        do {
            try system.makeDirectory(path)
        } catch {
            guard error.number != EEXIST else { return }
            throw .system(error, doing: "make the directory \(path)")
        }
    }

    /// Returns when the names in a directory are on the disk.
    func syncDirectory(_ path: String) throws(StoreError) {
        do {
            try system.syncDirectory(path)
        } catch {
            throw .system(error, doing: "sync the directory \(path)")
        }
    }

    /// The names in a directory, in order.
    func names(in directory: String) throws(StoreError) -> [String] {
        do {
            return try system.names(in: directory).sorted()
        } catch {
            throw .system(error, doing: "list \(directory)")
        }
    }
}

extension File {
    func mapWhole(count: Int) throws(StoreError) -> Mapping {
        try orStoreError("map \(path)") { () throws(SystemError) in try map(count: count) }
    }

    /// What `body` returns; a system error of it as what it means to the caller of the store.
    func orStoreError<Result>(
        _ what: @autoclosure () -> String, _ body: () throws(SystemError) -> Result
    ) throws(StoreError) -> Result {
        do {
            return try body()
        } catch {
            throw .system(error, doing: what())
        }
    }
}
