// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Which of the rpcs that not every server has were found wanting, so that they are asked for only once.
final class OfferedMethods: Sendable {
    /// The rpcs that there is another way for.
    enum Optional: Int {
        case batchRead = 1
        case batchUpdate = 2
        case getTree = 4
    }

    private let missing = Atomic<Int>(0)

    func has(_ method: Optional) -> Bool {
        missing.load(ordering: .relaxed) & method.rawValue == 0
    }

    func note(missing method: Optional) {
        missing.bitwiseOr(method.rawValue, ordering: .relaxed)
    }
}
