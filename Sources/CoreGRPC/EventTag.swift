// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Synchronization

/// What the core hands back when a batch is done. The core holds a reference to it from the start of the batch on.
class EventTag: @unchecked Sendable {
    // Touched by whoever starts the batch, and then by the one thread that takes its event. The core puts the two in
    // order; `isHandedOver` says so once more, where tools that look for data races can see it.
    private let isHandedOver = Atomic<Bool>(false)

    /// The reference to give to the core.
    final func handOver() -> UnsafeMutableRawPointer {
        isHandedOver.store(true, ordering: .releasing)
        return Unmanaged.passRetained(self).toOpaque()
    }

    /// Takes back the reference that came with an event, and does what the event means.
    static func take(_ reference: UnsafeMutableRawPointer, succeeded: Bool) {
        let tag = Unmanaged<EventTag>.fromOpaque(reference).takeRetainedValue()
        precondition(tag.isHandedOver.load(ordering: .acquiring), "an event of a batch that was not started")
        tag.complete(succeeded: succeeded)
    }

    func complete(succeeded: Bool) {
        preconditionFailure("every tag says what its event means")
    }
}

/// Resumes a task when its batch is done, and keeps what the batch points at until then.
final class ResumingTag: EventTag, @unchecked Sendable {
    private let continuation: UnsafeContinuation<Bool, Never>
    private let kept: [AnyObject]

    init(_ continuation: UnsafeContinuation<Bool, Never>, keeping kept: [AnyObject]) {
        self.continuation = continuation
        self.kept = kept
    }

    override func complete(succeeded: Bool) {
        withExtendedLifetime(kept) { continuation.resume(returning: succeeded) }
    }
}

/// Keeps what a batch points at until it is done; nobody waits for it.
final class KeepingTag: EventTag, @unchecked Sendable {
    private let kept: [AnyObject]

    init(keeping kept: [AnyObject]) {
        self.kept = kept
    }

    override func complete(succeeded: Bool) {}
}
