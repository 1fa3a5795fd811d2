// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// The blobs that an encoded `Directory` names, without the names.
///
/// What is no `Directory` for swift-protobuf is none here.
public struct DirectoryChildren: Sendable, Equatable {
    /// The contents of the files in it.
    public var files: [Digest] = []
    /// The directories in it.
    public var directories: [Digest] = []

    /// The children of the directory that `bytes` encode.
    ///
    /// - Throws: ``MalformedValue`` when they encode none, or a child has no well-formed digest.
    public init(directory bytes: ByteChain, _ function: DigestFunction) throws(MalformedValue) {
        try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            try readDirectory(&reader, function)
        }
    }

    /// The children of all directories that an encoded `Tree` contains.
    ///
    /// - Throws: ``MalformedValue`` when `bytes` encode no tree, or a child has no well-formed digest.
    public init(tree bytes: ByteChain, _ function: DigestFunction) throws(MalformedValue) {
        try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited), (2, .delimited):
                    try reader.message { (reader) throws(MalformedValue) in
                        try readDirectory(&reader, function)
                    }
                default: try reader.skip(tag)
                }
            }
        }
    }

    private mutating func readDirectory(
        _ reader: inout WireReader, _ function: DigestFunction
    ) throws(MalformedValue) {
        while let tag = try reader.nextTag() {
            switch (tag.field, tag.type) {
            case (1, .delimited): files.append(try reader.nodeDigest(function, properties: 6))
            case (2, .delimited): directories.append(try reader.nodeDigest(function, properties: nil))
            case (3, .delimited): try reader.passSymlink()
            case (5, .delimited): try reader.passNodeProperties()
            default: try reader.skip(tag)
            }
        }
    }
}

extension WireReader {
    /// The digest of a `FileNode` or `DirectoryNode`, which may have node properties in the field `properties`.
    fileprivate mutating func nodeDigest(
        _ function: DigestFunction, properties: Int?
    ) throws(MalformedValue) -> Digest {
        try message { (reader) throws(MalformedValue) in
            var digest = DigestParts()
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): try reader.passText()
                case (2, .delimited): try digest.merge(&reader)
                case (properties, .delimited): try reader.passNodeProperties()
                default: try reader.skip(tag)
                }
            }
            return try digest.digest(function)
        }
    }

    fileprivate mutating func passSymlink() throws(MalformedValue) {
        try message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited), (2, .delimited): try reader.passText()
                case (4, .delimited): try reader.passNodeProperties()
                default: try reader.skip(tag)
                }
            }
        }
    }

    fileprivate mutating func passNodeProperties() throws(MalformedValue) {
        try message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): try reader.passNodeProperty()
                // A timestamp and a wrapped number have nothing in them that a skipped field has not.
                case (2, .delimited), (3, .delimited): try reader.passFields()
                default: try reader.skip(tag)
                }
            }
        }
    }

    private mutating func passNodeProperty() throws(MalformedValue) {
        try message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited), (2, .delimited): try reader.passText()
                default: try reader.skip(tag)
                }
            }
        }
    }

    private mutating func passFields() throws(MalformedValue) {
        try message { (reader) throws(MalformedValue) in
            while let tag = try reader.nextTag() { try reader.skip(tag) }
        }
    }

    private mutating func passText() throws(MalformedValue) {
        let text = try run()
        guard UTF8Check.isValid(text) else {
            throw MalformedValue("The message has a text that is not UTF-8.")
        }
    }
}

/// Whether bytes are UTF-8, without making a text of them if they are ASCII.
private enum UTF8Check {
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
    }
}
