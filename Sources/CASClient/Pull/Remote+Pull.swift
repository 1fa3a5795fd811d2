// SPDX-License-Identifier: Apache-2.0

public import CASModel

extension Remote {
    /// Writes the tree below `root` to the directory `path`, which must be absent or an empty directory.
    ///
    /// The tree appears there whole, and verified, or not at all: it is made beside its place and moved there at the
    /// end; what was made is removed after a failure or a cancellation. Nothing outside is touched, whatever names
    /// the tree has. Permissions are the usual ones of this process, with the right to execute where the tree has it.
    ///
    /// - Throws: ``ClientError`` that says what went wrong; `CancellationError` when the task is cancelled.
    public func pull(
        _ root: Digest, to path: String, _ progress: TransferProgress = TransferProgress()
    ) async throws -> PullSummary {
        progress.begin(.listing, files: 0, bytes: 0)
        let destination = try Destination(path)
        do {
            let plan = try await url.explaining {
                let directories = try await DirectoryReader.read(root, from: self)
                let plan = try TreePlan(root, in: directories, entriesAtMost: configuration.entriesAtMost)
                try await Download(plan, into: destination.root, from: self, progress).run()
                return plan
            }
            try Task.checkCancellation()
            try destination.commit()
            return PullSummary(
                files: plan.files.count, bytes: plan.files.reduce(0) { $0 + $1.digest.size },
                fetchedBlobs: plan.blobs.count,
                fetchedBytes: plan.blobs.reduce(0) { $0 + $1.digest.size })
        } catch {
            destination.abandon()
            throw error
        }
    }
}
