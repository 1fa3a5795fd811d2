// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import Foundation
internal import RemoteAPI

/// Which contents to put into an action result because the client asked for it, as far as there is room.
struct ActionResultInlining {
    private typealias Place = WritableKeyPath<ActionResult, Data>

    /// More than the tag and length of a content take.
    private static let overhead = 16

    /// The blobs to read.
    private(set) var wanted: [Digest] = []
    private var places: [Place] = []
    private var room: Int

    /// What `request` asks to have of the `content` of `result`, in `room` bytes.
    init(
        of content: ActionResultContent, in result: ActionResult, asked request: GetActionResultRequest,
        room: Int
    ) {
        self.room = room
        if request.inlineStdout { want(content.standardOutput, in: result, at: \.stdoutRaw) }
        if request.inlineStderr { want(content.standardError, in: result, at: \.stderrRaw) }
        guard !request.inlineOutputFiles.isEmpty else { return }
        let asked = Set(request.inlineOutputFiles)
        for (position, file) in result.outputFiles.enumerated() where asked.contains(file.path) {
            want(content.files[position], in: result, at: \.outputFiles[position].contents)
        }
    }

    /// `result` with `contents`, those of ``wanted``; one that has vanished meanwhile is left out.
    func apply(_ contents: [Result<Bytes, StoreError>], to result: ActionResult) -> ActionResult {
        var result = result
        for (place, content) in zip(places, contents) {
            // The client can still read the blob, or finds out itself that it cannot.
            guard let bytes = try? content.get() else { continue }
            result[keyPath: place] = bytes.withUnsafeBytes { Data($0) }
        }
        return result
    }

    private mutating func want(_ digest: Digest?, in result: ActionResult, at place: Place) {
        guard let digest, result[keyPath: place].isEmpty, digest.size <= room - Self.overhead else { return }
        room -= digest.size + Self.overhead
        wanted.append(digest)
        places.append(place)
    }
}
