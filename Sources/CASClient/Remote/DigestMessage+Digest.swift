// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import RemoteAPI

extension Digest {
    /// The digest in `message`; it must be of SHA-256.
    init(_ message: DigestMessage) throws(MalformedValue) {
        try self.init(.sha256, hexadecimal: message.hash, size: Int(message.sizeBytes))
    }
}

extension DigestMessage {
    /// The message with `digest`.
    init(_ digest: Digest) {
        self.init()
        hash = digest.hexadecimal
        sizeBytes = Int64(digest.size)
    }
}
