// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The directory of the user that the stores of a measurement are made in; it is in the end as it was.
struct BenchFolder: Sendable {
    private let path: String
    private let wasThere: Bool

    /// - Throws: ``BenchFailure`` unless `path` is an empty directory, or nothing that stands in the way of one.
    init(_ path: String) throws {
        var isDirectory: ObjCBool = false
        wasThere = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if wasThere {
            guard isDirectory.boolValue, try FileManager.default.contentsOfDirectory(atPath: path).isEmpty
            else {
                throw BenchFailure("Expected \(path) to be an empty directory, or not to be there.")
            }
        } else {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        self.path = path
    }

    /// Runs `body` with the path of a directory that is not there before and not after.
    ///
    /// What was written is on the disk, so that it does not disturb what is measured next.
    func using<Result>(
        _ name: String, _ body: (String) async throws -> Result
    ) async throws -> Result {
        let directory = "\(path)/\(name)"
        guard !FileManager.default.fileExists(atPath: directory) else {
            throw BenchFailure("Expected \(directory) not to be there.")
        }
        defer { remove(directory) }
        return try await body(directory)
    }

    /// Removes the directory if it was not there at first.
    func close() {
        if !wasThere { remove(path) }
    }

    private func remove(_ path: String) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            StandardError.print("casemate: \(path) is left behind: \(error.localizedDescription)")
        }
        sync()
    }
}
