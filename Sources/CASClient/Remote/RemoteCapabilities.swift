// SPDX-License-Identifier: Apache-2.0

public import CASModel
internal import RemoteAPI

/// What a server says it can do.
public struct RemoteCapabilities: Sendable, Equatable {
    /// The functions that digests may be of.
    public var digestFunctions: Set<DigestFunction>

    /// The most bytes that the blobs of one batch may have together.
    public var batchSizeAtMost: Int

    /// The longest blob that it takes, in bytes; nil if it does not say.
    public var longestBlob: Int?

    /// Whether the caller may store action results; nil if the server does not say.
    public var mayUpdateActionResults: Bool?

    /// What is taken for granted of a server without the Capabilities service, as BuildStream 1 does: SHA-256, and
    /// batches of 1 MiB, if any.
    public static let unannounced = RemoteCapabilities(
        digestFunctions: [.sha256], batchSizeAtMost: 1 << 20, longestBlob: nil, mayUpdateActionResults: nil)
}

extension RemoteCapabilities {
    /// What `message` says; batches are held to `batchSizeAtMost`, also where the server names no limit.
    init(_ message: ServerCapabilities, batchSizeAtMost: Int) {
        let cache = message.cacheCapabilities
        let functions = cache.digestFunctions.compactMap {
            UInt8(exactly: $0.rawValue).flatMap(DigestFunction.init(rawValue:))
        }
        let announced = Int(clamping: cache.maxBatchTotalSizeBytes)
        self.init(
            digestFunctions: Set(functions),
            batchSizeAtMost: announced > 0 ? min(announced, batchSizeAtMost) : batchSizeAtMost,
            longestBlob: cache.maxCasBlobSizeBytes > 0 ? Int(clamping: cache.maxCasBlobSizeBytes) : nil,
            mayUpdateActionResults: cache.hasActionCacheUpdateCapabilities
                ? cache.actionCacheUpdateCapabilities.updateEnabled : nil)
    }
}
