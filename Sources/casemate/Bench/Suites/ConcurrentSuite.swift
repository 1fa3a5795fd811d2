// SPDX-License-Identifier: Apache-2.0

import CASModel
import CoreGRPC

/// Many uploads of fresh blobs and as many downloads of one blob at once, every one over a connection of its own: what
/// it takes of the server's memory.
struct ConcurrentSuite: BenchSuite {
    private static let uploads = 64
    private static let downloads = 64

    let size: Int
    var streams: Int { Self.uploads + Self.downloads }
    var unit: BenchUnit { .bytes }

    private enum Transfer: Sendable {
        case upload(BenchBlob)
        case download(Digest)
    }

    func prepare(_ target: BenchTarget) async throws -> @Sendable () async throws -> BenchTally {
        let present = try await target.presentBlob(size: size)
        let transfers =
            try await target.freshBlobs(Self.uploads, size: size).map(Transfer.upload)
            + Array(repeating: .download(present), count: Self.downloads)
        let channels = try await target.connect(streams: streams)
        return {
            try await channels.share(transfers) { transfer, channel in
                switch transfer {
                case .upload(let blob): try await target.write(blob, over: channel)
                case .download(let digest): try await target.read(digest, over: channel)
                }
            }
        }
    }
}
