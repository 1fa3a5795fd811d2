// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

/// Reads all directories of a tree: by GetTree, and what that does not bring, level by level in batches.
struct DirectoryReader {
    private let remote: Remote
    private let blobs: BlobReader
    private var directories: [Digest: RemoteDirectory] = [:]
    private var entryCount = 0

    private init(_ remote: Remote) {
        self.remote = remote
        blobs = BlobReader(remote: remote)
    }

    /// The directories of the tree below `root`, each once.
    ///
    /// - Throws: ``ClientError`` when one is missing, wrong or not fit to be written; `RPCStatus`.
    static func read(_ root: Digest, from remote: Remote) async throws -> [Digest: RemoteDirectory] {
        var reader = DirectoryReader(remote)
        if remote.offered.has(.getTree) { try await reader.getTree(root) }
        var level = [root]
        var met: Set<Digest> = [root]
        while !level.isEmpty {
            try await reader.fetch(level.filter { reader.directories[$0] == nil })
            level = level.flatMap { reader.directories[$0]?.directories ?? [] }.map(\.digest)
                .filter { met.insert($0).inserted }
        }
        return reader.directories
    }

    /// Takes what GetTree brings. If it fails, reading the directories one by one says what is wrong with which.
    private mutating func getTree(_ root: Digest) async throws {
        var request = GetTreeRequest()
        request.instanceName = remote.instance.text
        request.rootDigest = DigestMessage(root)
        guard root != .ofNothing else { return }
        do {
            try await remote.configuration.retries.retrying {
                repeat {
                    let token = request.pageToken
                    let responses = try remote.channel.call(
                        ContentAddressableStorageMethods.getTree, request,
                        remote.options(moving: remote.configuration.longestDirectory))
                    while let response = try await responses.next() {
                        for directory in response.directories { try add(directory) }
                        request.pageToken = response.nextPageToken
                    }
                    // A server that streams all pages names none after the last; others want to be asked for it.
                    if request.pageToken == token { break }
                } while !request.pageToken.isEmpty
            }
        } catch let status as RPCStatus {
            switch status.code {
            case .unimplemented: remote.offered.note(missing: .getTree)
            case .ok, .unknown, .invalidArgument, .notFound, .alreadyExists, .resourceExhausted,
                .failedPrecondition, .aborted, .outOfRange, .internal, .dataLoss:
                return
            case .cancelled, .deadlineExceeded, .permissionDenied, .unavailable, .unauthenticated:
                throw status
            }
        }
    }

    /// Reads `digests` with as few calls as possible.
    private mutating func fetch(_ digests: [Digest]) async throws {
        let describe: BlobReader.Describe = { _ in "a directory of the tree" }
        for digest in digests where digest.size > remote.configuration.longestDirectory {
            throw ClientError(
                .invalidTree,
                "The tree has a directory of \(digest.size) bytes, more than any real one; it is not fetched."
            )
        }
        let plan = remote.plan(sizes: digests.map(\.size), by: .batchRead)
        for transfer in plan.transfers {
            switch transfer {
            case .stream(let number):
                try add(try await blobs.read(digests[number], describe))
            case .batch(let numbers):
                let wanted = numbers.map { digests[$0] }.filter { $0 != .ofNothing }
                if wanted.count < numbers.count { try add(ByteChain()) }
                guard !wanted.isEmpty else { continue }
                var contents: [ByteChain] = []
                try await blobs.readBatch(wanted, describe) { _, content in contents.append(content) }
                for content in contents { try add(content) }
            }
        }
    }

    private mutating func add(_ content: ByteChain) throws {
        let digest = try Digest.of(content)
        guard directories[digest] == nil else { return }
        do throws(MalformedValue) {
            let directory = try RemoteDirectory(content)
            entryCount += directory.entryCount + 1
            directories[digest] = directory
        } catch {
            throw ClientError(
                .invalidTree,
                "The tree has a directory (\(digest)) that must not be written to a disk. \(error.sentence)",
                cause: error)
        }
        guard entryCount <= remote.configuration.entriesAtMost else {
            throw TreePlan.tooManyEntries(remote.configuration.entriesAtMost)
        }
    }
}
