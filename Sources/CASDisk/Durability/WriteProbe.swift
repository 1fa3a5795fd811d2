// SPDX-License-Identifier: Apache-2.0

import CASStore

/// Writes a file of its own, to learn whether the disk takes writes again.
struct WriteProbe {
    let files: StoreFiles

    private static let byteCount = 4096

    /// Makes a file under `uploads/`, writes to it and removes it; what stays, the next opening removes.
    ///
    /// It does what a write of a blob does, and waits no more for the disk than that: a sync that fails is noticed
    /// by who needs it.
    ///
    /// - Throws: what one of these failed with.
    func run() throws(StoreError) {
        let path = "\(files.uploads)/probe"
        let file = try files.open(path, .create)
        try file.orStoreError("write \(path)") { () throws(SystemError) in
            let zeros = [UInt8](repeating: 0, count: Self.byteCount)
            try zeros.withUnsafeBufferPointer { (zeros) throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(zeros), at: 0)
            }
        }
        try files.remove(path)
    }
}
