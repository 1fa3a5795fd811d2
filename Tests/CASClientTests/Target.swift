// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A file that changes when it is told to: its first byte.
final class Target: Sendable {
    private let path = Mutex("")

    func aim(at newPath: String) {
        path.withLock { $0 = newPath }
    }

    func change(keepingTime: Bool = false) {
        let file = open(path.withLock { $0 }, O_RDWR)
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        var byte: UInt8 = 0xFF
        pwrite(file, &byte, 1, 0)
        guard keepingTime else { return }
        var times = [status.st_atim, status.st_mtim]
        futimens(file, &times)
    }
}
