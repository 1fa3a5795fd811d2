// SPDX-License-Identifier: Apache-2.0

/// What an upload is known by, so that it can be resumed (PROTOCOL.md N12).
public struct UploadKey: Hashable, Sendable {
    /// The namespace of the client.
    public let instance: InstanceName
    /// The client's own name for the upload; clients use one for many blobs.
    public let identifier: String
    /// What is uploaded.
    public let digest: Digest
    /// How it is packed on the wire.
    public let compressor: Compressor

    /// A key of these parts.
    public init(instance: InstanceName, identifier: String, digest: Digest, compressor: Compressor) {
        self.instance = instance
        self.identifier = identifier
        self.digest = digest
        self.compressor = compressor
    }
}
