// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What feeds the standard input of a child process: open, and empty, until it is closed.
final class InputPipe: Sendable {
    /// The end that the child reads.
    let readEnd: Int32

    private let writeEnd: Mutex<Int32?>

    /// Makes a pipe. Only the child that it is given to has an end of it, and only the one to read.
    init() throws {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets, because it can be made in one step so that no child of another test inherits an end.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ChildProcessError("Could not make a pipe: \(String(cString: strerror(errno))).")
        }
        readEnd = ends[0]
        writeEnd = Mutex(ends[1])
    }

    deinit {
        close()
        _ = Foundation.close(readEnd)
    }

    /// Lets the child find the end of its input.
    func close() {
        writeEnd.withLock { end in
            if let end { _ = Foundation.close(end) }
            end = nil
        }
    }
}
