// SPDX-License-Identifier: Apache-2.0

/// What a ByteStream resource name names: a blob to read, or an upload (PROTOCOL.md N7–N11).
public struct ResourceName: Hashable, Sendable {
    /// The namespace in front of it.
    public let instance: InstanceName
    /// The blob.
    public let digest: Digest
    /// How the bytes of the stream are packed.
    public let compressor: Compressor

    /// The blob that `text` asks to read: `[{instance}/]blobs/[{function}/]{hash}/{size}`, the same with
    /// `compressed-blobs/{compressor}`, or `{hash}/{size}`.
    ///
    /// - Throws: ``MalformedValue`` that says what is wrong.
    public init(read text: String) throws(MalformedValue) {
        var parts = ResourceNameParts(text)
        if parts.segments.count == 2, !InstanceName.reservedSegments.contains(parts.segments[0]) {
            self.init(instance: .unnamed, digest: try parts.takeDigest(), compressor: .identity)
            return
        }
        let instance = try parts.takeInstance(upTo: "blobs", "compressed-blobs")
        let compressor = try parts.takeCompressor()
        let digest = try parts.takeDigest()
        guard parts.isAtEnd else { throw parts.malformed("has something after the size") }
        self.init(instance: instance, digest: digest, compressor: compressor)
    }

    /// A name of these parts.
    public init(instance: InstanceName, digest: Digest, compressor: Compressor = .identity) {
        self.instance = instance
        self.digest = digest
        self.compressor = compressor
    }

    /// The name as a client sends it to read the blob.
    public var readText: String {
        prefix + blobPart
    }

    fileprivate var prefix: String { instance.text.isEmpty ? "" : instance.text + "/" }

    fileprivate var blobPart: String {
        let kind = compressor == .identity ? "blobs" : "compressed-blobs/\(compressor.name)"
        let function = digest.function.isNamedInResources ? "/" + digest.function.name : ""
        return kind + function + "/\(digest)"
    }
}

extension UploadKey {
    /// The upload that `text` names: `[{instance}/]uploads/{uuid}/blobs/[{function}/]{hash}/{size}[/{anything}]`, or the
    /// same with `compressed-blobs/{compressor}`.
    ///
    /// - Throws: ``MalformedValue`` that says what is wrong.
    public init(write text: String) throws(MalformedValue) {
        var parts = ResourceNameParts(text)
        let instance = try parts.takeInstance(upTo: "uploads")
        parts.skipKeyword()
        let identifier = try parts.takeIdentifier()
        let compressor = try parts.takeCompressor()
        let digest = try parts.takeDigest()
        self.init(instance: instance, identifier: identifier, digest: digest, compressor: compressor)
    }

    /// The name as a client sends it to write the blob.
    public var writeText: String {
        let resource = ResourceName(instance: instance, digest: digest, compressor: compressor)
        return resource.prefix + "uploads/\(identifier)/" + resource.blobPart
    }
}
