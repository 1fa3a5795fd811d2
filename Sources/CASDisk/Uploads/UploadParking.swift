// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// Keeps parked uploads in files, so that they outlive the process: `uploads/N` has the bytes, and beside it
/// `uploads/N.key` says what they are.
///
/// The bytes are written before the description appears, under its name with one rename; the description goes
/// before anything is done with the bytes. So a death in between leaves a file that nothing describes, which the
/// next opening removes.
final class UploadParking: Sendable {
    /// From which size on a blob stays in its file while its upload is open, in bytes.
    let largeBlobSize: Int

    let objects: ObjectFiles
    let space: SpaceLedger
    let files: StoreFiles
    let clock: WallClock

    init(_ files: StoreFiles, objects: ObjectFiles, space: SpaceLedger, clock: WallClock, largeBlobSize: Int)
    {
        self.files = files
        self.objects = objects
        self.space = space
        self.clock = clock
        self.largeBlobSize = largeBlobSize
    }

    /// Lets the file of `object`, which rests, outlive the process as the upload of `key`.
    ///
    /// Other than on return, the file goes with the last reference to `object`.
    func park(_ object: IncomingObject, as key: UploadKey) throws(StoreError) -> ParkedFiles {
        let description = UploadDescription(
            key: key, receivedBytes: object.receivedBytes, parkedAt: clock.now(),
            checksums: object.checksumsSoFar)
        let parked = ParkedFiles(path: object.path, occupied: object.occupied, description: description)
        try space.take(parked.descriptionOccupied, for: .uploads)
        do throws(StoreError) {
            try write(parked)
        } catch {
            try? files.remove(parked.descriptionPath + ".new")  // The next opening removes what stays.
            space.give(parked.descriptionOccupied, from: .uploads)
            throw error
        }
        object.isParked = true
        return parked
    }

    private func write(_ parked: ParkedFiles) throws(StoreError) {
        let new = parked.descriptionPath + ".new"
        let file = try files.open(new, .createNew)
        try file.orStoreError("write \(new)") { () throws(SystemError) in
            let bytes = parked.description.encoded()
            try file.allocate(from: 0, count: bytes.count)
            try bytes.withUnsafeBytes { (bytes) throws(SystemError) in try file.write(bytes, at: 0) }
        }
        try files.rename(new, to: parked.descriptionPath)
    }

    /// Removes the description, so that the bytes may change.
    func forget(_ parked: ParkedFiles) throws(StoreError) {
        try files.remove(parked.descriptionPath)
        space.give(parked.descriptionOccupied, from: .uploads)
    }

    /// Opens the file of bytes that are parked no more; ``IncomingObject/recall(_:_:)`` reads them.
    func reopen(_ parked: ParkedFiles) throws(StoreError) -> IncomingObject {
        try IncomingObject(
            reopening: files.open(parked.path, .readAndWrite), size: parked.description.key.digest.size,
            occupied: parked.occupied, objects: objects, space: space)
    }

    /// Removes both files.
    func remove(_ parked: ParkedFiles) {
        try? files.remove(parked.descriptionPath)  // The next opening removes what stays.
        space.give(parked.descriptionOccupied, from: .uploads)
        objects.removeUpload(parked.path, occupying: parked.occupied)
    }
}
