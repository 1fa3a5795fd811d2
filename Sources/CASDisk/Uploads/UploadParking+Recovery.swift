// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore

/// What an opening finds of the uploads of earlier processes.
struct RecoveredUploads {
    /// Those that were parked, the oldest first.
    var parked: [ParkedFiles] = []

    /// How many files were removed.
    var removedFiles = 0
}

extension UploadParking {
    /// Finds what was parked, counts what it occupies, and removes everything else.
    ///
    /// After a loss of power nothing is kept: what of the bytes had reached the disk is not known. The bytes are not
    /// read now: ``IncomingBlob/resume(as:from:)`` checks them.
    func recover(after ending: StoreState.Ending) throws(StoreError) -> RecoveredUploads {
        let names = try files.names(in: files.uploads)
        objects.numberUploads(after: names.compactMap { Self.number(of: $0) }.max() ?? 0)
        var found = RecoveredUploads()
        switch ending {
        case .clean, .killed: found.parked = names.compactMap { parked(describedBy: $0) }
        case .powerLost, .unknown: break
        }
        found.parked.sort { $0.description.parkedAt < $1.description.parkedAt }
        let kept = Set(found.parked.flatMap { [$0.path, $0.descriptionPath] })
        for path in names.map({ "\(files.uploads)/\($0)" }) where !kept.contains(path) {
            try files.remove(path)
            found.removedFiles += 1
        }
        for parked in found.parked { space.note(parked.occupied + parked.descriptionOccupied, for: .uploads) }
        return found
    }

    /// When the upload was parked, as a clock that goes on evenly has it, which says `now`.
    ///
    /// A wall clock that was turned back makes an upload younger than it is, never older than it can be.
    func timeOfParking(_ parked: ParkedFiles, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let (wallNow, parkedAt) = (clock.now(), parked.description.parkedAt)
        return now - .seconds(wallNow > parkedAt ? wallNow - parkedAt : 0)
    }

    /// The upload that the file `name` describes, if it does so rightly and the bytes can be there.
    private func parked(describedBy name: String) -> ParkedFiles? {
        guard let number = Self.number(of: name), name == "\(number)\(ParkedFiles.suffix)" else { return nil }
        let path = "\(files.uploads)/\(number)"
        // What cannot be read is as good as not there: the client starts anew.
        guard let description = try? description(besides: path), let size = try? files.system.size(of: path),
            (description.receivedBytes...description.key.digest.size).contains(size),
            ContentHasher.functions.contains(description.key.digest.function)
        else { return nil }
        return ParkedFiles(path: path, occupied: SpaceLedger.blocks(size), description: description)
    }

    private func description(besides path: String) throws(SystemError) -> UploadDescription? {
        let file = try File(ParkedFiles.descriptionPath(besides: path), .read, on: files.system)
        let size = try file.size()
        guard size <= UploadDescription.longest else { return nil }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { bytes.deallocate() }
        guard try file.read(into: bytes, at: 0) == size else { return nil }
        return UploadDescription(UnsafeRawBufferPointer(bytes))
    }

    /// The number in the name of a file of an upload: `N`, `N.key` or `N.key.new`.
    private static func number(of name: String) -> UInt64? {
        name.split(separator: ".").first.flatMap { UInt64($0) }
    }
}
