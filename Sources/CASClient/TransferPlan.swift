// SPDX-License-Identifier: Apache-2.0

/// Which blobs travel together in a batch, and which one by one as a stream.
struct TransferPlan: Sendable, Equatable {
    enum Transfer: Sendable, Equatable {
        case stream(Int)
        case batch([Int])
    }

    /// The transfers in the order to start them: long streams first, so that none is left alone at the end.
    let transfers: [Transfer]

    /// What a digest, a status and the fields around a blob take of a batch at most, in bytes.
    static let entryOverhead = 112

    /// A plan for blobs of `sizes`, numbered in that order.
    ///
    /// - Parameter batchLimit: the most bytes of a batch; blobs up to `longestBatched` go into one if they fit.
    init(sizes: [Int], batchLimit: Int, longestBatched: Int) {
        let longest = min(longestBatched, batchLimit - Self.entryOverhead)
        let streamed = sizes.indices.filter { sizes[$0] > longest }
        var transfers = streamed.sorted { sizes[$0] > sizes[$1] }.map(Transfer.stream)
        var batch: [Int] = []
        var room = batchLimit
        for number in sizes.indices where sizes[number] <= longest {
            let needed = sizes[number] + Self.entryOverhead
            if needed > room {
                transfers.append(.batch(batch))
                batch = []
                room = batchLimit
            }
            batch.append(number)
            room -= needed
        }
        if !batch.isEmpty { transfers.append(.batch(batch)) }
        self.transfers = transfers
    }
}

extension Remote {
    /// A plan for blobs of `sizes`; every one is a stream if the server does not have `method`.
    func plan(sizes: [Int], by method: OfferedMethods.Optional) -> TransferPlan {
        TransferPlan(
            sizes: sizes, batchLimit: capabilities.batchSizeAtMost,
            longestBatched: offered.has(method) ? configuration.longestBatchedBlob : -1)
    }
}
