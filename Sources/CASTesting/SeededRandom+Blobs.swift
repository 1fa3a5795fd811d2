// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CASStore

extension SeededRandom {
    /// `count` random bytes: a random page again and again, each time under another stamp, which is fast enough for
    /// mebibytes in a debug build.
    public mutating func bytes(_ count: Int) -> Bytes {
        let page = Self.pageWords
        var words = (0..<page).map { _ in next() }
        return Bytes(capacity: count) { room in
            for start in stride(from: 0, to: count, by: page * 8) {
                words[0] = next()
                words.withUnsafeBytes { words in
                    let part = UnsafeRawBufferPointer(rebasing: words[..<min(words.count, count - start)])
                    UnsafeMutableRawBufferPointer(rebasing: room[start...]).copyMemory(from: part)
                }
            }
            return count
        }
    }

    private static let pageWords = 128

    /// `bytes` in slices of random lengths from 1 to `longest`.
    public mutating func cut(_ bytes: Bytes, longest: Int) -> ByteChain {
        var chain = ByteChain()
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...longest, using: &self))
            chain.append(bytes[start..<end])
            start = end
        }
        return chain
    }

    /// A blob of `size` random bytes in one slice.
    public mutating func blob(size: Int) -> WholeBlob {
        WholeBlob(of: bytes(size))
    }

    /// A digest that no content of these checks has.
    public mutating func digest(size: Int) -> Digest {
        let hash = bytes(DigestFunction.sha256.hashLength)
        return hash.withUnsafeBytes { try! Digest(.sha256, hash: $0, size: size) }
    }
}

extension WholeBlob {
    /// The blob whose digest is that of `content`.
    public init(of content: Bytes) {
        self.init(try! Digest.of(content), ByteChain(content))
    }

    /// The same content in slices of `length` bytes.
    func cut(every length: Int) -> WholeBlob {
        let bytes = content.joined()
        let starts = stride(from: 0, to: bytes.count, by: length)
        return WholeBlob(digest, ByteChain(starts.map { bytes[$0..<min($0 + length, bytes.count)] }))
    }
}
