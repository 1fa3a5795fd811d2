// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASTesting
import Synchronization

/// What clients sent to a server that is killed again and again, and what of it was acknowledged.
final class KillLedger: Sendable {
    private struct Entry {
        let content: @Sendable () throws -> Bytes
        let round: Int
        var isAcknowledged = false
    }

    private struct Reference {
        var acknowledged: Digest?
        var attempted: Set<Digest> = []
    }

    private struct State {
        var blobs: [Digest: Entry] = [:]
        var references: [String: Reference] = [:]
        var round = 0
        var isKilled = false
    }

    private let state = Mutex(State())

    /// How many blobs and references were acknowledged so far.
    var acknowledged: (blobs: Int, references: Int) {
        state.withLock { state in
            (
                state.blobs.values.count(where: \.isAcknowledged),
                state.references.values.count { $0.acknowledged != nil }
            )
        }
    }

    /// Whether calls may fail, because the server is being killed.
    var isKilled: Bool { state.withLock { $0.isKilled } }

    /// The next server has started.
    func beginRound() {
        state.withLock { state in
            state.round += 1
            state.isKilled = false
        }
    }

    /// The server will be killed after this returns.
    func willKill() {
        state.withLock { $0.isKilled = true }
    }

    func willStore(_ digest: Digest, _ content: @escaping @Sendable () throws -> Bytes) {
        state.withLock { $0.blobs[digest] = Entry(content: content, round: $0.round) }
    }

    func didStore(_ digests: [Digest]) {
        state.withLock { state in
            for digest in digests { state.blobs[digest]?.isAcknowledged = true }
        }
    }

    func willUpdate(_ key: String, to digest: Digest) {
        _ = state.withLock { $0.references[key, default: Reference()].attempted.insert(digest) }
    }

    func didUpdate(_ key: String, to digest: Digest) {
        state.withLock { $0.references[key] = Reference(acknowledged: digest) }
    }

    /// Asks a new server for what was sent to the last one, and, of what was sent before, for all or a sample.
    ///
    /// - Returns: one sentence for each broken promise.
    func faults(_ client: CacheClient, sampling sample: Int?, using random: inout SeededRandom)
        async throws
        -> [String]
    {
        let (blobs, references) = state.withLock { state in
            let round = state.round
            let recent = state.blobs.filter { $0.value.round == round }
            let older = state.blobs.filter { $0.value.round != round }.shuffled(using: &random)
            return (recent.map { $0 } + older.prefix(sample ?? older.count), state.references)
        }
        return try await blobFaults(blobs, client) + referenceFaults(references, client)
    }

    private func blobFaults(_ blobs: [(key: Digest, value: Entry)], _ client: CacheClient) async throws
        -> [String]
    {
        let isSmall = { (blob: (key: Digest, value: Entry)) in blob.key.size <= 64 << 10 }
        var faults: [String] = []
        let small = blobs.filter(isSmall)
        for start in stride(from: 0, to: small.count, by: 50) {
            let part = small[start..<min(start + 50, small.count)]
            for (blob, found) in zip(part, try await client.readBatch(part.map(\.key))) {
                faults += try fault(blob.key, blob.value, found)
            }
        }
        for blob in blobs where !isSmall(blob) {
            faults += try fault(blob.key, blob.value, try await client.read(blob.key))
        }
        return faults
    }

    private func fault(_ digest: Digest, _ entry: Entry, _ found: Bytes?) throws -> [String] {
        guard let found else {
            return entry.isAcknowledged
                ? ["\(digest) of round \(entry.round) was acknowledged and is gone."] : []
        }
        return found == (try entry.content()) ? [] : ["\(digest) of round \(entry.round) reads wrong."]
    }

    private func referenceFaults(_ references: [String: Reference], _ client: CacheClient) async throws
        -> [String]
    {
        var faults: [String] = []
        for (key, reference) in references {
            let found = try await client.reference(key)
            let allowed = reference.attempted.union(reference.acknowledged.map { [$0] } ?? [])
            if let found, allowed.contains(found) {
                didUpdate(key, to: found)
            } else if let found {
                faults.append("\(key) names \(found), which it was never told.")
            } else if reference.acknowledged != nil {
                faults.append("\(key) was acknowledged and is gone.")
            }
        }
        return faults
    }
}
