// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel

/// Some of the directories of a tree, as they are stored: a directory's blob is its encoding.
public struct GetTreeResponse: WireMessage, Equatable {
    /// The directories, each an encoded `Directory`.
    public var directories: [ByteChain]
    /// Where the next response goes on; empty in the last one.
    public var nextPageToken: String

    /// A response of these parts.
    public init(directories: [ByteChain] = [], nextPageToken: String = "") {
        self.directories = directories
        self.nextPageToken = nextPageToken
    }

    /// The message in `bytes`.
    public init(decoding bytes: ByteChain) throws(MalformedValue) {
        self = try WireReader.read(bytes) { (reader) throws(MalformedValue) in
            var message = GetTreeResponse()
            while let tag = try reader.nextTag() {
                switch (tag.field, tag.type) {
                case (1, .delimited): message.directories.append(try reader.payload())
                case (2, .delimited): message.nextPageToken = try reader.text()
                default: try reader.skip(tag)
                }
            }
            return message
        }
    }

    /// The bytes of the message; payloads share their memory with it.
    public func encoded() -> ByteChain {
        let copied = directories.reduce(0) { $0 + 16 + $1.copiedSize }
        return WireWriter.write(capacity: 16 + copied + nextPageToken.utf8.count) { writer in
            for directory in directories {
                writer.startDelimited(1, length: directory.count)
                writer.content(directory)
            }
            writer.text(2, nextPageToken)
        }
    }
}
