// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import Foundation
import GRDB

extension Digest {
    /// The digest in the columns `function`, `hash` and `size`.
    init(stored row: Row) throws {
        let hash: Data = row["hash"]
        guard let function = DigestFunction(rawValue: row["function"]) else {
            throw StoreError(.failed, "A record names a digest function that this version does not know.")
        }
        self = try hash.withUnsafeBytes { try Digest(function, hash: $0, size: row["size"]) }
    }

    /// The hash as it stands in a row.
    var storedHash: Data { withUnsafeHash { Data($0) } }
}
