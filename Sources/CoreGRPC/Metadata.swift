// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The headers or trailers of a call: keys with values, in order, keys repeated or not.
public struct Metadata: Sendable, Equatable {
    /// One key with a value.
    public struct Entry: Sendable, Equatable {
        /// The key in lower case; one that ends in `-bin` has any bytes as its value.
        public let key: String
        /// The value; printable ASCII unless the key ends in `-bin`.
        public let value: Bytes
    }

    /// The entries in order.
    public private(set) var entries: [Entry] = []

    /// No metadata.
    public init() {}

    /// Adds an entry.
    ///
    /// - Precondition: the key and value are legal in HTTP/2 headers.
    public mutating func append(_ key: String, _ value: Bytes) {
        entries.append(Entry(key: key, value: value))
    }

    /// Adds an entry with a text.
    ///
    /// - Precondition: the key and value are legal in HTTP/2 headers.
    public mutating func append(_ key: String, _ value: String) {
        append(key, Bytes(utf8: value))
    }

    /// The first value of `key`, or nil.
    public subscript(key: String) -> Bytes? {
        entries.first { $0.key == key }?.value
    }

    /// The first value of `key` as text, or nil.
    public func text(_ key: String) -> String? {
        self[key].map { String(decoding: Array($0), as: UTF8.self) }
    }
}
