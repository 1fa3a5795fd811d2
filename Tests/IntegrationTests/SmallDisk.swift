// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file system of its own with little room, unmounted when this value goes.
final class SmallDisk: Sendable {
    /// Where it is mounted.
    let url: URL

    private let folder: TemporaryFolder

    /// Whether this process may mount one; tests that need one are skipped elsewhere, and say so.
    static let isPossible = geteuid() == 0 && (try? SmallDisk(megabytes: 1)) != nil

    /// Mounts a file system in memory with so many MiB.
    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        url = try folder.folder("disk")
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", url.path)
    }

    deinit {
        // A mount that stays is seen by whoever looks for it; the test has its result already.
        try? Self.run("umount", "--lazy", url.path)
    }

    /// How many bytes are free.
    var freeBytes: Int {
        get throws {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: url.path)
            return (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        }
    }

    /// Fills all but `left` bytes with a file at `name`.
    func fill(_ name: String, leaving left: Int) throws {
        try Data(count: max(0, try freeBytes - left)).write(to: url.appending(path: name))
    }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ChildProcessError(
                "\(arguments.joined(separator: " ")) ended with \(process.terminationStatus).")
        }
    }
}
