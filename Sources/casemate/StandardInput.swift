// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The input that whoever started this process may close to end it.
enum StandardInput {
    /// Calls `body` once, when nothing more can be read.
    static func whenClosed(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            body()
        }
    }
}
