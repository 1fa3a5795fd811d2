// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// Decides about uploads that can be resumed: who may write, what is kept, what is dropped (PROTOCOL.md W3, W5,
/// W6, W13, W14, Q2, Q3).
///
/// A plain value without lock, clock or I/O: a store holds it in a `Mutex`, asks, and acts on the answer outside.
/// `Kept` is the content so far, with all that is needed to go on. It is in one place at a time: it rests here, or
/// one opening has taken it out to append to it. So no two openings ever write to the same content, and one that
/// was superseded learns so from its next call. What an answer drops is no longer known here: the caller frees it.
public struct UploadRegistry<Kept: Sendable>: Sendable {
    /// A point in time, as the caller's clock has it.
    public typealias Instant = ContinuousClock.Instant

    private let limits: UploadLimits
    private var uploads: [UInt64: Upload] = [:]
    private var generations: [UploadKey: UInt64] = [:]
    private var lastGeneration: UInt64 = 0

    /// Generations in the order in which they were parked; one that was opened again since is skipped.
    private var parkingOrder: [UInt64] = []

    /// How many uploads are parked.
    public private(set) var parkedCount = 0

    /// How many bytes all parked uploads have together.
    public private(set) var parkedBytes = 0

    /// How many uploads are open.
    public var openCount: Int { uploads.count - parkedCount }

    /// A registry of no uploads.
    public init(limits: UploadLimits = UploadLimits()) {
        self.limits = limits
    }

    /// Opens the upload of `key`, new, parked, or taken over from an opening that is still there.
    ///
    /// With `offset` 0 it starts anew; any other offset must be the number of bytes kept.
    public mutating func open(_ key: UploadKey, at offset: Int, now: Instant) -> Opening {
        let earlier = generations[key]
        guard offset != 0 else {
            let ended = earlier.flatMap { remove($0) }
            return .started(admit(key), ending: ended?.openTicket, dropping: ended?.content)
        }
        guard let earlier, let kept = keptBytes(of: key, now: now), kept == offset else {
            return .refused(keptBytes: keptBytes(of: key, now: now) ?? 0)
        }
        guard uploads[earlier]?.place.isTakenOut == false, let ended = remove(earlier) else {
            return .occupied
        }
        return .resumed(admit(key, goingOnWith: ended), ending: ended.openTicket)
    }

    /// Takes the content out to append `count` bytes to it; ``endAppend(by:keeping:receivedBytes:)`` brings it back.
    public mutating func beginAppend(of count: Int, by ticket: UploadTicket) -> Append {
        guard let upload = upload(openedBy: ticket) else { return .superseded }
        guard count <= upload.key.digest.size - upload.receivedBytes else {
            return .tooLong(dropping: remove(ticket.generation)?.content)
        }
        return .proceed(uploads[ticket.generation]?.place.takeOut())
    }

    /// Brings the content back, of which now `receivedBytes` are kept.
    ///
    /// - Returns: false if a newer opening started anew meanwhile; the content stays with the caller then.
    public mutating func endAppend(
        by ticket: UploadTicket, keeping content: Kept, receivedBytes: Int
    ) -> Bool {
        guard upload(openedBy: ticket) != nil else { return false }
        uploads[ticket.generation]?.place = .resting(content)
        uploads[ticket.generation]?.receivedBytes = receivedBytes
        return true
    }

    /// Takes the content for good, to check it and make the blob visible; nothing is kept under the key.
    public mutating func finish(_ ticket: UploadTicket) -> Finish {
        guard upload(openedBy: ticket) != nil, let upload = remove(ticket.generation) else {
            return .superseded
        }
        guard upload.receivedBytes == upload.key.digest.size else {
            return .tooShort(receivedBytes: upload.receivedBytes, dropping: upload.content)
        }
        return .proceed(upload.content)
    }

    /// Keeps what the opening has brought, within the limits, for one that may come.
    ///
    /// An upload without bytes is not kept: an opening finds 0 either way. One that exceeds the limit alone goes
    /// alone; else the oldest go. Content that is taken out stays with the caller.
    ///
    /// - Returns: what to free.
    public mutating func park(_ ticket: UploadTicket, now: Instant) -> [Kept] {
        guard let upload = upload(openedBy: ticket) else { return [] }
        guard let content = upload.content, upload.receivedBytes > 0,
            upload.receivedBytes <= limits.parkedBytesAtMost
        else {
            return discard(ticket).map { [$0] } ?? []
        }
        uploads[ticket.generation]?.place = .parked(content, since: now)
        parkingOrder.append(ticket.generation)
        parkedCount += 1
        parkedBytes += upload.receivedBytes
        return dropParked(now: now)
    }

    /// Ends the opening and keeps nothing.
    ///
    /// - Returns: what to free.
    public mutating func discard(_ ticket: UploadTicket) -> Kept? {
        guard upload(openedBy: ticket) != nil else { return nil }
        return remove(ticket.generation)?.content
    }

    /// Forgets parked uploads that were kept long enough.
    ///
    /// - Returns: what to free.
    public mutating func expire(now: Instant) -> [Kept] {
        dropParked(now: now)
    }

    /// How many bytes of the upload are kept, open or parked; nil if there is none.
    ///
    /// Bytes that an opening is appending just now do not count yet.
    public func keptBytes(of key: UploadKey, now: Instant) -> Int? {
        guard let generation = generations[key], let upload = uploads[generation] else { return nil }
        return isExpired(upload, now: now) ? nil : upload.receivedBytes
    }

    /// The upload that `ticket` may still decide about: one that no other opening took over, and that did not end.
    private func upload(openedBy ticket: UploadTicket) -> Upload? {
        guard let upload = uploads[ticket.generation], !upload.place.isParked else { return nil }
        return upload
    }

    private func isExpired(_ upload: Upload, now: Instant) -> Bool {
        guard case .parked(_, let since) = upload.place else { return false }
        return since.duration(to: now) >= limits.keptFor
    }

    private mutating func admit(_ key: UploadKey, goingOnWith earlier: Upload? = nil) -> UploadTicket {
        lastGeneration += 1
        uploads[lastGeneration] = Upload(
            key: key, generation: lastGeneration, place: .resting(earlier?.content),
            receivedBytes: earlier?.receivedBytes ?? 0)
        generations[key] = lastGeneration
        return UploadTicket(key: key, generation: lastGeneration)
    }

    private mutating func remove(_ generation: UInt64) -> Upload? {
        guard let upload = uploads.removeValue(forKey: generation) else { return nil }
        generations[upload.key] = nil
        if upload.place.isParked {
            parkedCount -= 1
            parkedBytes -= upload.receivedBytes
            forgetStaleParkings()
        }
        return upload
    }

    private mutating func dropParked(now: Instant) -> [Kept] {
        var dropped: [Kept] = []
        while let oldest = parkingOrder.first {
            if let upload = uploads[oldest] {
                let isWithinLimits =
                    parkedCount <= limits.parkedAtMost && parkedBytes <= limits.parkedBytesAtMost
                if isWithinLimits, !isExpired(upload, now: now) { break }
            }
            parkingOrder.removeFirst()
            if let content = remove(oldest)?.content { dropped.append(content) }
        }
        return dropped
    }

    /// Bounds the order by what is parked, at constant cost per parking.
    private mutating func forgetStaleParkings() {
        guard parkingOrder.count > 2 * parkedCount + 16 else { return }
        parkingOrder.removeAll { uploads[$0] == nil }
    }
}
