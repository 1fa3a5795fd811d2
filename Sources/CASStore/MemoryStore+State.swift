// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel

extension MemoryStore {
    /// All that a store keeps, and its decisions.
    struct State {
        private let byteLimit: Int?
        private var blobs: [Digest: ByteChain] = [:]
        private(set) var uploads: UploadRegistry<ByteChain>
        private(set) var usedBytes = 0
        var references: [InstanceName: [ReferenceKey: Digest]] = [:]
        var actionResults: [ActionKey: Bytes] = [:]

        init(byteLimit: Int?, uploads: UploadLimits) {
            self.byteLimit = byteLimit
            self.uploads = UploadRegistry(limits: uploads)
        }

        func content(of digest: Digest) -> ByteChain? {
            digest.isOfEmptyBlob ? ByteChain() : blobs[digest]
        }

        /// Keeps a blob that was checked.
        mutating func store(_ blob: WholeBlob) throws(StoreError) {
            guard content(of: blob.digest) == nil else { return }
            try reserve(blob.content.count)
            blobs[blob.digest] = blob.content
        }

        mutating func openUpload(
            _ key: UploadKey, at offset: Int, now: ContinuousClock.Instant
        ) throws(StoreError) -> UploadTicket {
            free(uploads.expire(now: now))
            switch uploads.open(key, at: offset, now: now) {
            case .started(let ticket, ending: _, dropping: let dropped):
                free([dropped].compactMap(\.self))
                return ticket
            case .resumed(let ticket, ending: _):
                return ticket
            case .refused(let keptBytes):
                throw StoreError(
                    .mismatch, "Expected the upload to go on at \(keptBytes), found \(offset).")
            case .occupied:
                throw StoreError(.superseded, "The upload is being written to by an earlier opening.")
            }
        }

        /// Appends to the upload, and returns how many bytes it has.
        mutating func append(_ piece: ByteChain, by ticket: UploadTicket) throws(StoreError) -> Int {
            switch uploads.beginAppend(of: piece.count, by: ticket) {
            case .proceed(let kept):
                var content = kept ?? ByteChain()
                defer { _ = uploads.endAppend(by: ticket, keeping: content, receivedBytes: content.count) }
                try reserve(piece.count)
                content.append(piece)
                return content.count
            case .tooLong(let dropped):
                free([dropped].compactMap(\.self))
                throw StoreError(.mismatch, "More bytes arrived than \(ticket.key.digest) has.")
            case .superseded:
                throw superseded(ticket)
            }
        }

        /// Takes the content of an upload that is complete out of the uploads.
        mutating func finish(_ ticket: UploadTicket) throws(StoreError) -> ByteChain {
            switch uploads.finish(ticket) {
            case .proceed(let content):
                return content ?? ByteChain()
            case .tooShort(let receivedBytes, let dropped):
                free([dropped].compactMap(\.self))
                throw StoreError(
                    .mismatch, "Expected \(ticket.key.digest.size) bytes, found \(receivedBytes) at the end.")
            case .superseded:
                throw superseded(ticket)
            }
        }

        /// Lets content that was taken out become a blob, or gives its room back.
        mutating func settle(_ content: ByteChain, of ticket: UploadTicket, isRight: Bool) {
            uploads.endFinish(ticket)
            let digest = ticket.key.digest
            guard isRight, self.content(of: digest) == nil else { return free([content]) }
            blobs[digest] = content
        }

        mutating func park(_ ticket: UploadTicket, now: ContinuousClock.Instant) {
            free(uploads.park(ticket, now: now))
        }

        mutating func discard(_ ticket: UploadTicket) {
            free([uploads.discard(ticket)].compactMap(\.self))
        }

        /// Gives back the room of content that is no longer kept.
        private mutating func free(_ contents: [ByteChain]) {
            for content in contents { usedBytes -= content.count }
        }

        private mutating func reserve(_ count: Int) throws(StoreError) {
            if let byteLimit, count > byteLimit - usedBytes {
                throw StoreError(
                    .noSpace, "\(count) bytes do not fit: \(usedBytes) of \(byteLimit) are used.")
            }
            usedBytes += count
        }

        private func superseded(_ ticket: UploadTicket) -> StoreError {
            StoreError(.superseded, "A newer opening of the upload of \(ticket.key.digest) took over.")
        }
    }
}
