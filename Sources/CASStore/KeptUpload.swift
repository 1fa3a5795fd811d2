// SPDX-License-Identifier: Apache-2.0

/// What a registry knows of an upload, beside its content.
@usableFromInline
struct KeptUpload: Sendable {
    @usableFromInline var phase: Phase
    @usableFromInline var receivedBytes: Int

    @inlinable
    init(phase: Phase, receivedBytes: Int) {
        self.phase = phase
        self.receivedBytes = receivedBytes
    }

    /// A point in time as this keeps it. An `Instant` in here would have its layout looked up at every copy, which
    /// takes a microsecond: the library it is of may change it.
    @usableFromInline
    static func time(_ instant: ContinuousClock.Instant) -> Duration {
        origin.duration(to: instant)
    }

    private static let origin = ContinuousClock.now

    @usableFromInline
    enum Phase: Equatable, Sendable {
        /// It is open, and nothing happens to it.
        case resting
        /// It is open, and its opening has taken the content out to append to it.
        ///
        /// Another opening may have come meanwhile that is to go on with it.
        case takenOut(isAwaited: Bool)
        /// Its opening has taken the content for good, to make it a blob.
        case finishing
        /// It waits for an opening that may come, since this ``time(_:)``.
        case parked(since: Duration)

        /// Whether an opening may still decide about it.
        @inlinable var isOpen: Bool {
            switch self {
            case .resting, .takenOut: true
            case .finishing, .parked: false
            }
        }
    }
}
