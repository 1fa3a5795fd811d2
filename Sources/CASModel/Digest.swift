// SPDX-License-Identifier: Apache-2.0

/// The name of content: a hash and the length of what was hashed.
///
/// Made only by a throwing parse or by hashing content, so a digest always has a hash of its function's length and
/// a size that content can have.
@frozen
public struct Digest: Hashable, Sendable {
    /// The function that the hash is of.
    public let function: DigestFunction

    /// The hash; its first ``DigestFunction/hashLength`` bytes count.
    public let hash: HashValue

    /// The length of the content, in bytes.
    public let size: Int

    /// A digest of parts that are known to fit each other, as the result of hashing.
    @inlinable
    init(unchecked function: DigestFunction, hash: HashValue, size: Int) {
        self.function = function
        self.hash = hash
        self.size = size
    }

    /// The digest with `hash` as raw bytes, as a store reads it back from its own disk.
    ///
    /// - Throws: ``MalformedValue`` when the length is not the function's, or the size is negative.
    public init(_ function: DigestFunction, hash: UnsafeRawBufferPointer, size: Int) throws(MalformedValue) {
        guard hash.count == function.hashLength else {
            throw MalformedValue(
                "Expected \(function.hashLength) bytes of a \(function) hash, found \(hash.count).")
        }
        guard size >= 0 else { throw MalformedValue("Expected a size of 0 or more, found \(size).") }
        self.init(unchecked: function, hash: HashValue(hash), size: size)
    }

    /// The digest whose hash is written as lower-case hexadecimal ASCII digits (PROTOCOL.md N1, N2, N5).
    ///
    /// - Parameter function: the function named by the request; nil infers it from the number of digits.
    /// - Throws: ``MalformedValue`` that says what is wrong.
    public init(
        _ function: DigestFunction?, hexadecimal digits: UnsafeRawBufferPointer, size: Int
    ) throws(MalformedValue) {
        guard let function = function ?? DigestFunction(inferredFromDigits: digits.count) else {
            throw MalformedValue("A hash of \(digits.count) characters is not of a known digest function.")
        }
        guard digits.count == function.hashLength * 2 else {
            throw MalformedValue(
                "Expected \(function.hashLength * 2) digits of a \(function) hash, found \(digits.count).")
        }
        guard size >= 0 else { throw MalformedValue("Expected a size of 0 or more, found \(size).") }
        let hash = try HashValue { (bytes: UnsafeMutableRawBufferPointer) throws(MalformedValue) in
            guard Hexadecimal.decode(digits, into: bytes) else {
                throw MalformedValue("Expected lower-case hexadecimal digits in a hash.")
            }
        }
        if size != 0, let empty = function.emptyHash, hash == empty {
            throw MalformedValue("The hash of the empty blob goes with size 0, not \(size).")
        }
        self.init(unchecked: function, hash: hash, size: size)
    }

    /// The digest with `hexadecimal` as text.
    ///
    /// - Throws: ``MalformedValue`` that says what is wrong.
    public init(
        _ function: DigestFunction?, hexadecimal: some StringProtocol, size: Int
    ) throws(MalformedValue) {
        var text = String(hexadecimal)
        var outcome: Result<Digest, MalformedValue> = .failure(MalformedValue(""))
        text.withUTF8 { digits in
            outcome = Result { () throws(MalformedValue) in
                try Digest(function, hexadecimal: UnsafeRawBufferPointer(digits), size: size)
            }
        }
        self = try outcome.get()
    }

    /// Whether it names content of no bytes, which every store has (PROTOCOL.md N4).
    @inlinable public var isOfEmptyBlob: Bool { size == 0 && hash == function.emptyHash }

    /// Calls `body` with the bytes of the hash that count.
    @inlinable
    public func withUnsafeHash<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try hash.withUnsafeBytes { (bytes) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: bytes[..<function.hashLength]))
        }
    }

    /// The hash in lower-case hexadecimal digits.
    public var hexadecimal: String {
        withUnsafeHash { hash in
            String(unsafeUninitializedCapacity: hash.count * 2) { room in
                Hexadecimal.encode(hash, into: UnsafeMutableRawBufferPointer(room))
                return hash.count * 2
            }
        }
    }
}

extension Digest: CustomStringConvertible {
    /// `hash/size`, as it stands in a resource name.
    public var description: String { "\(hexadecimal)/\(size)" }
}
