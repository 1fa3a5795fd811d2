// SPDX-License-Identifier: Apache-2.0

/// The suites of `--store` by name, in the order they run in.
enum StoreSuiteName: String, CaseIterable {
    case put = "store-put"
    case get = "store-get"
    case find = "store-find"
    case barrier = "store-barrier"
    case evict = "store-evict"
    case amplification = "store-amplification"
    case open = "store-open"

    /// The suite, as large as `plan` says.
    func suite(_ plan: StorePlan) -> any StoreSuite {
        switch self {
        case .put: StorePutSuite(blobs: plan.blobs)
        case .get: StoreGetSuite(blobs: plan.blobs)
        case .find: StoreFindSuite(blobs: plan.blobs)
        case .barrier: StoreBarrierSuite(plan: plan)
        case .evict: StoreEvictSuite(blobs: plan.evictedFrom)
        case .amplification: StoreAmplificationSuite(blobs: plan.evictedFrom)
        case .open: StoreOpenSuite(counts: plan.openedBlobs, emptiesCaches: plan.emptiesCaches)
        }
    }
}
