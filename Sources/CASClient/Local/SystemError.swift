// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Why a system call failed.
struct SystemError: Error, Equatable {
    /// The system's number for the reason.
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// What `call` returns; it is made again when a signal interrupts it.
    static func check<Number: SignedInteger>(_ call: () -> Number) throws(SystemError) -> Number {
        while true {
            let result = call()
            guard result == -1 else { return result }
            guard errno == EINTR else { throw SystemError(errno) }
        }
    }
}

extension SystemError: CustomStringConvertible {
    /// The reason in the system's words, as in `permission denied`.
    var description: String {
        let words = String(cString: strerror(number))
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}

extension ClientError {
    /// An error that says that one cannot `action` the file or directory at `path`, as in “read”.
    init(cannot action: String, _ path: String, _ cause: SystemError) {
        self.init(.localFile, "Cannot \(action) “\(Printable.quoting(path))”: \(cause).", cause: cause)
    }

    /// What `body` returns; its failure becomes one to `action` the file or directory at `path`.
    static func naming<Result>(
        _ path: @autoclosure () -> String, _ action: String, _ body: () throws(SystemError) -> Result
    ) throws(ClientError) -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            throw ClientError(cannot: action, path(), error)
        }
    }
}
