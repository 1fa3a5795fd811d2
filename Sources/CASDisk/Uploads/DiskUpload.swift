// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

/// One opening of an upload to the disk store.
final class DiskUpload: BlobUpload {
    private let ticket: UploadTicket
    private let uploads: DiskUploads
    private(set) var receivedBytes: Int
    private var isEnded = false

    init(_ ticket: UploadTicket, of uploads: DiskUploads, receivedBytes: Int) {
        self.ticket = ticket
        self.uploads = uploads
        self.receivedBytes = receivedBytes
    }

    deinit {
        if !isEnded { uploads.park(ticket) }
    }

    func append(_ content: ByteChain) async throws(StoreError) {
        guard !content.isEmpty else { return }
        receivedBytes = try await uploads.append(content, to: ticket)
    }

    func finish() async throws(StoreError) {
        isEnded = true
        try await uploads.finish(ticket)
        try await uploads.commits.settleBlobs()
    }

    func park() async {
        isEnded = true
        uploads.park(ticket)
    }

    func discard() async {
        isEnded = true
        uploads.discard(ticket)
    }
}
