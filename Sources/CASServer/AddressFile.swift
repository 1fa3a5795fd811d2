// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file that tells whoever started the server where it listens: one `host:port` a line.
struct AddressFile {
    let path: String

    /// Writes the file; it appears whole.
    func write(_ addresses: [String]) throws {
        let new = "\(path).\(getpid())"
        do throws(Failure) {
            let descriptor = try Failure.check { open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666) }
            defer { close(descriptor) }
            var text = addresses.map { $0 + "\n" }.joined()
            let count = text.utf8.count
            // A text this short is written in one piece, or not at all.
            _ = try Failure.check {
                text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, count) == count ? 0 : -1 }
            }
            _ = try Failure.check { rename(new, path) }
        } catch {
            unlink(new)
            throw ServerStartError("Cannot write the address file \(path): \(error.reason).")
        }
    }

    /// What the system said; Foundation would tell another story.
    private struct Failure: Error {
        let reason: String

        static func check(_ call: () -> Int32) throws(Failure) -> Int32 {
            let result = call()
            guard result >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
            return result
        }
    }
}
