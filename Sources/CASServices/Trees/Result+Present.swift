// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASStore

extension Result<Bytes, StoreError> {
    /// The content that was read, or nil if it is not here or was found damaged.
    ///
    /// - Throws: any other error of the store, which says nothing about whether the content is here.
    func present() throws(StoreError) -> Bytes? {
        switch self {
        case .success(let content): return content
        case .failure(let error):
            guard error.code == .notFound || error.code == .corruption else { throw error }
            return nil
        }
    }
}
