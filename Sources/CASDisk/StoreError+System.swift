// SPDX-License-Identifier: Apache-2.0

import CASStore

extension StoreError {
    /// What a failed system call means for the caller: no space, or a failure.
    ///
    /// The sentence of the first is for clients and names no path.
    static func system(_ error: SystemError, doing what: String) -> StoreError {
        guard !error.isNoSpace else {
            return StoreError(.noSpace, "There is no space left on the disk of the store.", cause: error)
        }
        return StoreError(.failed, "The store cannot \(what): \(error).", cause: error)
    }
}
