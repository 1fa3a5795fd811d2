// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory of its own, removed with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/casemate-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // What is left behind lies among the system's temporary files.
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { path + "/" + name }

    /// Makes a file with its directories.
    func write(_ content: [UInt8], to name: String, isExecutable: Bool = false) throws {
        let file = path(name)
        let parent = file[..<file.lastIndex(of: "/")!]
        try FileManager.default.createDirectory(
            atPath: String(parent), withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: file))
        if isExecutable { chmod(file, 0o755) }
    }

    /// The names in it, hidden ones included.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}
