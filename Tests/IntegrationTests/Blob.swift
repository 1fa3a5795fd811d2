// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Foundation
import RemoteAPI
import SwiftProtobuf

/// Content with its digest.
struct Blob: Sendable {
    let bytes: Bytes
    let digest: Digest

    init(_ bytes: Bytes) throws {
        self.bytes = bytes
        digest = try Digest.of(bytes)
    }

    /// Random content that the seed repeats.
    init(seed: UInt64, size: Int) throws {
        var random = SeededRandom(seed: seed)
        try self.init(random.bytes(size))
    }

    /// A directory of one file.
    init(directoryOf file: Blob, named name: String) throws {
        let node = FileNode.with {
            $0.name = name
            $0.digest = DigestMessage(file.digest)
        }
        let message: [UInt8] = try Directory.with { $0.files = [node] }.serializedBytes()
        try self.init(Bytes(message))
    }
}

extension DigestMessage {
    init(_ digest: Digest) {
        self.init()
        hash = digest.hexadecimal
        sizeBytes = Int64(digest.size)
    }
}
