// SPDX-License-Identifier: Apache-2.0

import CASServer
import Foundation

/// A directory for a store that is gone when its server is.
struct TemporaryRoot {
    let path: String

    init() throws {
        let parent = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        var template = Array((parent + "/casemate-XXXXXX").replacing("//", with: "/").utf8CString)
        guard let made = mkdtemp(&template) else {
            throw ServerStartError(
                "Cannot make a temporary directory in \(parent): \(String(cString: strerror(errno))).")
        }
        path = String(cString: made)
    }

    func remove() {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            FileHandle.standardError.write(
                Data("casemate: \(path) is left behind: \(error.localizedDescription)\n".utf8))
        }
    }
}
