// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import RemoteAPI

/// The content that an action result names, after checking that it names it well (PROTOCOL.md §5).
struct ActionResultContent {
    /// The output files, in their order.
    private(set) var files: [Digest] = []
    private(set) var standardOutput: Digest?
    private(set) var standardError: Digest?
    /// The blobs that are encoded trees.
    private(set) var trees: [Digest] = []
    /// The root directories of trees whose directories are blobs.
    private(set) var roots: [Digest] = []

    /// Every blob that is named itself, trees included.
    var blobs: [Digest] { files + trees + [standardOutput, standardError].compactMap { $0 } }

    /// The content of `result`.
    ///
    /// - Throws: ``MalformedValue`` that says what the result names badly.
    init(of result: ActionResult, _ function: DigestFunction) throws(MalformedValue) {
        func parse(_ message: DigestMessage) throws(MalformedValue) -> Digest {
            try Digest(function, hexadecimal: message.hash, size: Int(message.sizeBytes))
        }
        for file in result.outputFiles {
            try Self.check(path: file.path)
            files.append(try parse(file.digest))
        }
        if result.hasStdoutDigest { standardOutput = try parse(result.stdoutDigest) }
        if result.hasStderrDigest { standardError = try parse(result.stderrDigest) }
        // A directory's path may be empty: it is the working directory then.
        for directory in result.outputDirectories {
            guard directory.hasTreeDigest || directory.hasRootDirectoryDigest else {
                throw MalformedValue("The action result has an output directory without a digest.")
            }
            if directory.hasTreeDigest { trees.append(try parse(directory.treeDigest)) }
            if directory.hasRootDirectoryDigest { roots.append(try parse(directory.rootDirectoryDigest)) }
        }
        for links in [result.outputSymlinks, result.outputFileSymlinks, result.outputDirectorySymlinks] {
            for link in links { try Self.check(path: link.path) }
        }
    }

    private static func check(path: String) throws(MalformedValue) {
        guard !path.isEmpty else { throw MalformedValue("The action result has an output without a path.") }
    }
}
