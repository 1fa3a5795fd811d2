// SPDX-License-Identifier: Apache-2.0

import CASStore

extension StoreCheck {
    /// Looks for files among the large blobs that no record names, once all segments were read.
    mutating func checkFiles() throws(StoreError) {
        let objects = catalog.objects
        for path in try objects.paths() {
            guard let name = path.name, namedFiles.contains(name) else {
                let isRepaired = repairs && objects.removeStray(path)
                find(
                    .unnamedFile, "objects/\(path.text)", "a file that a record names", "no such record",
                    isRepaired: isRepaired)
                continue
            }
            if !liveFiles.contains(name) { summary.deadFiles += 1 }
        }
        // Files that came, went or lost their length behind the store's back were never counted.
        if repairs { try objects.countAnew() }
    }
}
