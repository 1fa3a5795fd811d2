// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The file that tells whoever started the server where it listens: one `host:port` a line.
struct AddressFile {
    let path: String

    /// Writes the file; it appears whole.
    func write(_ addresses: [String]) throws {
        let text = addresses.map { $0 + "\n" }.joined()
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ServerStartError("Cannot write the address file \(path): \(error.localizedDescription)")
        }
    }
}
