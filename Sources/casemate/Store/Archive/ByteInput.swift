// SPDX-License-Identifier: Apache-2.0

import Bytes
import Glibc

/// Bytes that are read from front to back: a file, or a pipe. Used by one task at a time.
final class ByteInput {
    /// What it reads, as people call it.
    let name: String

    private let descriptor: Int32

    /// The file at `path`, or standard input for `-`.
    init(_ path: String) throws {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreFailure("Cannot open \(path): \(Self.reason).") }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next bytes, up to `count`; none at the end.
    func read(_ count: Int) throws -> Bytes {
        try Bytes(capacity: count) { room in
            while true {
                let done = Glibc.read(descriptor, room.baseAddress, room.count)
                if done >= 0 { return done }
                guard errno == EINTR else { throw StoreFailure("Cannot read \(name): \(Self.reason).") }
            }
        }
    }

    /// The next `count` bytes, fewer only at the end.
    func readWhole(_ count: Int) throws -> Bytes {
        var chain = ByteChain()
        while chain.count < count {
            let piece = try read(count - chain.count)
            guard !piece.isEmpty else { break }
            chain.append(piece)
        }
        return chain.joined()
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
