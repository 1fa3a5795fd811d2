// SPDX-License-Identifier: Apache-2.0

import CASStore
import Synchronization

/// The files of large blobs, `objects/xx/NAME`, and of those on their way, `uploads/N`.
final class ObjectFiles: Sendable {
    let files: StoreFiles

    private let space: SpaceLedger
    private let storeState: StoreState
    private let dirty: DirtyFiles
    private let lastUpload = Atomic<UInt64>(0)
    private let objectBytes = Mutex(0)

    init(_ files: StoreFiles, space: SpaceLedger, storeState: StoreState, dirty: DirtyFiles) {
        self.dirty = dirty
        self.files = files
        self.space = space
        self.storeState = storeState
    }

    /// Gives higher numbers to the files of uploads from now on than those of earlier processes have.
    func numberUploads(after number: UInt64) {
        lastUpload.store(number, ordering: .relaxed)
    }

    /// A new file for a blob that arrives, under a name that no other has.
    func createUpload() throws(StoreError) -> File {
        let number = lastUpload.wrappingAdd(1, ordering: .relaxed).newValue
        return try files.open("\(files.uploads)/\(number)", .createNew)
    }

    /// Removes the file of an upload that came to nothing, which occupied `bytes`.
    func removeUpload(_ path: String, occupying bytes: Int) {
        try? files.remove(path)  // The next opening removes what stays.
        space.give(bytes, from: .uploads)
    }

    /// Gives the complete file of an upload, which occupies `bytes`, the name of an object.
    func adopt(_ path: String, occupying bytes: Int, as name: ObjectName) throws(StoreError) {
        let newPath = self.path(name)
        do throws(StoreError) {
            try files.rename(path, to: newPath)
        } catch {
            // The directory of the first object in it is not there yet.
            try files.makeDirectory("\(files.objects)/\(name.directory)")
            dirty.note(directory: files.objects)
            try files.rename(path, to: newPath)
        }
        dirty.note(newPath)
        dirty.note(directory: "\(files.objects)/\(name.directory)")
        let occupied = SpaceLedger.blocks(name.storedSize)
        space.give(bytes - occupied, from: .uploads)
        space.move(occupied, from: .uploads, to: .objects)
        note(occupied)
    }

    func open(_ name: ObjectName) throws(SystemError) -> File {
        try File(path(name), .read, on: files.system)
    }

    /// Whether the file is there, with all of its bytes.
    func contains(_ name: ObjectName) -> Bool {
        // Whatever keeps it from being looked at keeps it from being read.
        (try? files.system.size(of: path(name))) == name.storedSize
    }

    func remove(_ name: ObjectName) throws(StoreError) {
        do {
            try files.system.remove(path(name))
        } catch {
            guard error != .notThere else { return }
            throw .system(error, doing: "remove \(path(name))")
        }
        // Else a loss of power after a close brings back a file that nothing counts.
        dirty.note(directory: "\(files.objects)/\(name.directory)")
        space.give(SpaceLedger.blocks(name.storedSize), from: .objects)
        note(-SpaceLedger.blocks(name.storedSize))
    }

    /// Counts what the objects occupy as the last close left it.
    func recallCount() {
        let bytes = Int(storeState[.objectBytes])
        space.note(bytes, for: .objects)
        objectBytes.withLock { $0 = bytes }
    }

    /// Counts what the objects occupy by their names, which it returns.
    func recount() throws(StoreError) -> [ObjectName] {
        let names = try names()
        let bytes = names.reduce(0) { $0 + SpaceLedger.blocks($1.storedSize) }
        space.note(bytes, for: .objects)
        note(bytes)
        return names
    }

    /// Lets the next sync bring the objects whose records have this number or a higher one to the disk.
    func noteUnsynced(from sequence: UInt64) throws(StoreError) {
        dirty.note(directory: files.objects)
        for name in try names() where name.sequence >= sequence {
            dirty.note(path(name))
            dirty.note(directory: "\(files.objects)/\(name.directory)")
        }
    }

    private func names() throws(StoreError) -> [ObjectName] {
        var names: [ObjectName] = []
        for directory in try files.names(in: files.objects) {
            names += try files.names(in: "\(files.objects)/\(directory)").compactMap { ObjectName($0) }
        }
        return names
    }

    /// Counts what the files occupy as `bytes`, whatever was counted before.
    func count(_ bytes: Int) {
        space.set(bytes, for: .objects)
        objectBytes.withLock { counted in
            counted = bytes
            storeState[.objectBytes] = UInt64(bytes)
        }
    }

    private func note(_ change: Int) {
        objectBytes.withLock { bytes in
            bytes += change
            storeState[.objectBytes] = UInt64(max(0, bytes))
        }
    }

    private func path(_ name: ObjectName) -> String {
        "\(files.objects)/\(name.directory)/\(name.text)"
    }
}
