// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import CoreGRPC
internal import RemoteAPI

extension Remote {
    /// Puts the directory at `path`, with all that is below it, on the server; sends only what the server does not have.
    ///
    /// The tree holds regular files, whether they are executable, directories, and symlinks as they are. Doing it
    /// again after a failure goes on with what was sent before.
    ///
    /// - Throws: ``ClientError`` that names what went wrong; `CancellationError` when the task is cancelled.
    public func push(
        _ path: String, _ progress: TransferProgress = TransferProgress()
    ) async throws -> PushSummary {
        progress.begin(.listing, files: 0, bytes: 0)
        var local = try LocalTree.walk(path)
        let digests = try await local.hashFiles(progress)
        let tree = try HashedTree(local, fileDigests: digests)
        return try await url.explaining {
            let missing = try await missing(of: tree.blobs)
            try await Upload(tree, missing, to: self, progress).run()
            return PushSummary(
                root: tree.root, files: digests.count, bytes: digests.reduce(0) { $0 + $1.size },
                uploadedBlobs: missing.count, uploadedBytes: missing.reduce(0) { $0 + $1.digest.size })
        }
    }

    /// Those of `blobs` that the server does not have, in the same order.
    private func missing(of blobs: [LocalBlob]) async throws -> [LocalBlob] {
        let size = configuration.digestsPerQuestion
        let questions = stride(from: 0, to: blobs.count, by: size).map { $0..<min($0 + size, blobs.count) }
        let answers = try await WorkList.share(questions.count, among: configuration.transfersAtOnce) {
            list in
            var missing: Set<Digest> = []
            while let next = list.take() {
                let digests = blobs[questions[next.lowerBound]].map(\.digest)
                let request = FindMissingBlobsRequest(
                    instanceName: instance.text, blobDigests: digests, digestFunction: .sha256)
                let answer = try await call(ContentAddressableStorageMethods.findMissingBlobs, request)
                missing.formUnion(answer.missingBlobDigests)
            }
            return missing
        }
        let missing = answers.reduce(into: Set()) { $0.formUnion($1) }
        return blobs.filter { missing.contains($0.digest) }
    }
}
