// SPDX-License-Identifier: Apache-2.0

/// How often a cache had what was asked for.
struct HitRate: Sendable {
    /// In percent of the uses.
    var objects = 0.0

    /// In percent of the bytes of the uses.
    var bytes = 0.0

    /// The rate of a trace in a cache of `capacity` bytes that is empty at first, and the cache as it is in the end.
    static func of<Cache: SimulatedCache>(
        _ trace: Trace, in _: Cache.Type, capacity: Int
    ) -> (rate: HitRate, cache: Cache) {
        var cache = Cache(capacity: capacity, for: trace)
        var (hits, hitBytes, bytes) = (0, 0, 0)
        for access in trace.accesses {
            let size = trace.sizes[access.blob]
            bytes += size
            guard cache.use(access.blob, at: access.time) else { continue }
            hits += 1
            hitBytes += size
        }
        let rate = HitRate(
            objects: 100 * Double(hits) / Double(max(1, trace.accesses.count)),
            bytes: 100 * Double(hitBytes) / Double(max(1, bytes)))
        return (rate, cache)
    }
}
