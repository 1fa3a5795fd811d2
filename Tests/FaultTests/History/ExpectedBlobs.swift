// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore

/// What a history knows of the blobs that it offered to the store.
struct ExpectedBlobs {
    /// Whether a blob is in the store.
    enum Presence: Equatable {
        /// It was never offered, so it must not be.
        case absent
        /// It may be: it was offered and not acknowledged, or what was acknowledged was lost with an excuse.
        case possible
        /// It was acknowledged; a promised one survives the loss of power.
        case certain(isPromised: Bool)

        var isCertain: Bool {
            switch self {
            case .absent, .possible: false
            case .certain: true
            }
        }
    }

    private(set) var blobs: [WholeBlob] = []
    private var positions: [Digest: Int] = [:]
    private var presences: [Presence] = []
    private var excused: Set<Digest> = []

    /// Blobs that a failed sync may have lost: the kernel may show them until the process ends, so that they seem
    /// to be here.
    private var doubted: Set<Digest> = []

    var digests: [Digest] { blobs.map(\.digest) }

    /// The digests that must be there.
    var certain: [Digest] { zip(blobs, presences).filter(\.1.isCertain).map(\.0.digest) }

    func presence(of digest: Digest) -> Presence {
        positions[digest].map { presences[$0] } ?? .absent
    }

    /// Takes in a blob that will be offered.
    mutating func introduce(_ blob: WholeBlob) {
        guard positions[blob.digest] == nil else { return }
        positions[blob.digest] = blobs.count
        blobs.append(blob)
        presences.append(.absent)
    }

    /// The store said that it has the blob.
    mutating func acknowledge(_ digest: Digest, isPromised: Bool) {
        guard let position = positions[digest], !doubted.contains(digest) else { return }
        excused.remove(digest)
        let was = presences[position] == .certain(isPromised: true)
        presences[position] = .certain(isPromised: isPromised || was)
    }

    /// The store was offered the blob and did not say that it has it.
    mutating func offer(_ digest: Digest) {
        guard let position = positions[digest], presences[position] == .absent else { return }
        presences[position] = .possible
    }

    /// The blob was lost, with an excuse.
    mutating func excuse(_ digest: Digest) {
        guard let position = positions[digest], presences[position].isCertain else { return }
        presences[position] = .possible
        excused.insert(digest)
    }

    /// Any blob may be lost, with an excuse.
    mutating func excuseAll() {
        for digest in certain { excuse(digest) }
    }

    /// A sync failed: any blob that is not promised may be lost, and nothing that the process says of it counts.
    mutating func doubtUnpromised() {
        for (digest, presence) in zip(digests, presences) {
            switch presence {
            case .absent, .certain(isPromised: true): break
            case .possible, .certain(isPromised: false):
                excuse(digest)
                doubted.insert(digest)
            }
        }
    }

    /// The process that had a sync fail has ended.
    mutating func endDoubt() {
        doubted = []
    }

    /// What was acknowledged of `digests` is promised from now on.
    mutating func promise(_ digests: [Digest]) {
        for digest in digests where !excused.contains(digest) { acknowledge(digest, isPromised: true) }
    }

    /// The power was lost, and with it what was not promised.
    mutating func losePower() {
        for position in presences.indices where presences[position] == .certain(isPromised: false) {
            presences[position] = .possible
        }
    }
}
