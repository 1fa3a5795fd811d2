// SPDX-License-Identifier: Apache-2.0

public import CASModel

/// Decides about uploads that can be resumed: who may write, what is kept, what is dropped (PROTOCOL.md W3, W5,
/// W6, W13, W14, Q2, Q3).
///
/// A plain value without lock, clock or I/O: a store holds it in a `Mutex`, asks, and acts on the answer outside.
/// `Kept` is the content so far, with all that is needed to go on. It is in one place at a time: it rests here, or
/// one opening has taken it out to append to it. So no two openings ever write to the same content, and one that
/// was superseded learns so from its next call. What an answer drops is no longer known here: the caller frees it.
///
/// All of it is inlinable, so that a store in another module has it specialized for its content: an append asks
/// twice, and unspecialized that costs a microsecond or two.
public struct UploadRegistry<Kept: Sendable>: Sendable {
    /// A point in time, as the caller's clock has it.
    public typealias Instant = ContinuousClock.Instant

    @usableFromInline let limits: UploadLimits
    @usableFromInline var lastGeneration: UInt64 = 0
    @usableFromInline var generations: [UploadKey: UInt64] = [:]
    @usableFromInline var uploads: [UInt64: KeptUpload] = [:]
    @usableFromInline var contents: [UInt64: Kept] = [:]
    @usableFromInline var parkedKeys: [UInt64: UploadKey] = [:]

    /// Generations in the order in which they were parked; one that was opened again since is skipped.
    @usableFromInline var parkingOrder: [UInt64] = []

    /// How many bytes all parked uploads have together.
    @inlinable public var parkedBytes: Int { bytesParked }

    @usableFromInline var bytesParked = 0

    /// How many uploads are parked.
    @inlinable public var parkedCount: Int { parkedKeys.count }

    /// How many uploads are open, or being finished.
    @inlinable public var openCount: Int { uploads.count - parkedCount }

    /// A registry of no uploads.
    @inlinable
    public init(limits: UploadLimits = UploadLimits()) {
        self.limits = limits
    }

    /// Opens the upload of `key`, new, parked, or taken over from an opening that is still there.
    ///
    /// With `offset` 0 it starts anew; any other offset must be the number of bytes kept. Content that is taken out
    /// cannot change hands at once: its opening then ends with the append that it is in.
    @inlinable
    public mutating func open(_ key: UploadKey, at offset: Int, now: Instant) -> Opening {
        let earlier = generations[key].map { UploadTicket(key: key, generation: $0) }
        let superseded = earlier.flatMap { upload(openedBy: $0) != nil ? $0 : nil }
        guard offset != 0 else {
            let dropped = earlier.flatMap { remove($0)?.content }
            return .started(admit(key), ending: superseded, dropping: dropped)
        }
        guard let earlier, let kept = keptBytes(of: key, now: now), kept == offset else {
            return .refused(keptBytes: keptBytes(of: key, now: now) ?? 0)
        }
        guard !isTakenOut(earlier), let ended = remove(earlier) else { return .occupied }
        return .resumed(admit(key, receivedBytes: kept, keeping: ended.content), ending: superseded)
    }

    /// Takes the content out to append `count` bytes to it; ``endAppend(by:keeping:receivedBytes:)`` brings it back.
    @inlinable
    public mutating func beginAppend(of count: Int, by ticket: UploadTicket) -> Append {
        guard let upload = upload(openedBy: ticket) else { return .superseded }
        precondition(upload.phase == .resting, "an opening is used by one task at a time")
        guard count <= ticket.key.digest.size - upload.receivedBytes else {
            return .tooLong(dropping: remove(ticket)?.content)
        }
        uploads[ticket.generation] = KeptUpload(
            phase: .takenOut(isAwaited: false), receivedBytes: upload.receivedBytes)
        return .proceed(contents.removeValue(forKey: ticket.generation))
    }

    /// Brings the content back, of which now `receivedBytes` are kept.
    @inlinable
    public mutating func endAppend(
        by ticket: UploadTicket, keeping content: Kept, receivedBytes: Int
    ) -> AppendEnd {
        guard let upload = upload(openedBy: ticket) else { return .superseded }
        uploads[ticket.generation] = KeptUpload(phase: .resting, receivedBytes: receivedBytes)
        contents[ticket.generation] = content
        return upload.phase == .takenOut(isAwaited: true) ? .awaited : .kept
    }

    /// Takes the content for good, to check it and make the blob visible.
    ///
    /// Its bytes count as kept until ``endFinish(_:)``, so that nobody who asks meanwhile begins again.
    @inlinable
    public mutating func finish(_ ticket: UploadTicket) -> Finish {
        guard upload(openedBy: ticket) != nil, let (upload, content) = remove(ticket) else {
            return .superseded
        }
        guard upload.receivedBytes == ticket.key.digest.size else {
            return .tooShort(receivedBytes: upload.receivedBytes, dropping: content)
        }
        generations[ticket.key] = ticket.generation
        uploads[ticket.generation] = KeptUpload(phase: .finishing, receivedBytes: upload.receivedBytes)
        return .proceed(content)
    }

    /// Forgets an upload whose content was taken for good; the blob is visible now, or never will be.
    @inlinable
    public mutating func endFinish(_ ticket: UploadTicket) {
        guard uploads[ticket.generation]?.phase == .finishing else { return }
        _ = remove(ticket)
    }

    /// Keeps what the opening has brought, within the limits, for one that may come.
    ///
    /// An upload without bytes is not kept: an opening finds 0 either way. One that exceeds the limit alone goes
    /// alone; else the oldest go. Content that is taken out stays with the caller.
    ///
    /// - Returns: what to free.
    @inlinable
    public mutating func park(_ ticket: UploadTicket, now: Instant) -> [Kept] {
        guard let upload = upload(openedBy: ticket) else { return [] }
        let isWorthKeeping = upload.receivedBytes > 0 && upload.receivedBytes <= limits.parkedBytesAtMost
        guard isWorthKeeping, upload.phase == .resting else {
            return discard(ticket).map { [$0] } ?? []
        }
        notePark(ticket, receivedBytes: upload.receivedBytes, at: now)
        return dropParked(now: now)
    }

    /// Takes in an upload that was parked at `time` in an earlier life of the store; the oldest come first.
    ///
    /// The limits are kept from the next call on that drops what passes them.
    ///
    /// - Returns: what to free: an older upload of the same key.
    @inlinable
    public mutating func restore(
        _ key: UploadKey, keeping content: Kept, receivedBytes: Int, parkedAt time: Instant
    ) -> Kept? {
        let older = generations[key].flatMap { remove(UploadTicket(key: key, generation: $0))?.content }
        let ticket = admit(key, receivedBytes: receivedBytes, keeping: content)
        notePark(ticket, receivedBytes: receivedBytes, at: time)
        return older
    }

    /// Forgets the upload that was parked first.
    ///
    /// - Returns: what to free; nil if none is parked.
    @inlinable
    public mutating func dropOldestParked() -> Kept? {
        while let oldest = parkingOrder.first {
            parkingOrder.removeFirst()
            guard let key = parkedKeys[oldest] else { continue }
            return remove(UploadTicket(key: key, generation: oldest))?.content
        }
        return nil
    }

    /// The openings that nothing happens to at the moment.
    @inlinable public var restingTickets: [UploadTicket] {
        generations.compactMap { key, generation in
            guard uploads[generation]?.phase == .resting else { return nil }
            return UploadTicket(key: key, generation: generation)
        }
    }

    /// Ends the opening and keeps nothing.
    ///
    /// - Returns: what to free.
    @inlinable
    public mutating func discard(_ ticket: UploadTicket) -> Kept? {
        guard upload(openedBy: ticket) != nil else { return nil }
        return remove(ticket)?.content
    }

    /// Forgets parked uploads that were kept long enough.
    ///
    /// - Returns: what to free.
    @inlinable
    public mutating func expire(now: Instant) -> [Kept] {
        dropParked(now: now)
    }

    /// How many bytes of the upload are kept, open or parked; nil if there is none.
    ///
    /// Bytes that an opening is appending just now do not count yet.
    @inlinable
    public func keptBytes(of key: UploadKey, now: Instant) -> Int? {
        guard let generation = generations[key], let upload = uploads[generation] else { return nil }
        return isExpired(upload, now: now) ? nil : upload.receivedBytes
    }

    /// The upload that `ticket` may still decide about: one that no other opening took over, and that did not end.
    @inlinable
    func upload(openedBy ticket: UploadTicket) -> KeptUpload? {
        guard let upload = uploads[ticket.generation], upload.phase.isOpen else { return nil }
        return upload
    }

    /// Whether the content of the opening is not here now; if it comes back, the opening ends then.
    @inlinable
    mutating func isTakenOut(_ ticket: UploadTicket) -> Bool {
        guard let upload = uploads[ticket.generation] else { return false }
        switch upload.phase {
        case .resting, .parked: return false
        case .finishing: return true
        case .takenOut:
            uploads[ticket.generation] = KeptUpload(
                phase: .takenOut(isAwaited: true), receivedBytes: upload.receivedBytes)
            return true
        }
    }

    @inlinable
    func isExpired(_ upload: KeptUpload, now: Instant) -> Bool {
        switch upload.phase {
        case .resting, .takenOut, .finishing: false
        case .parked(let since): KeptUpload.time(now) - since >= limits.keptFor
        }
    }

    @inlinable
    mutating func admit(
        _ key: UploadKey, receivedBytes: Int = 0, keeping content: Kept? = nil
    ) -> UploadTicket {
        lastGeneration += 1
        generations[key] = lastGeneration
        uploads[lastGeneration] = KeptUpload(phase: .resting, receivedBytes: receivedBytes)
        contents[lastGeneration] = content
        return UploadTicket(key: key, generation: lastGeneration)
    }

    @inlinable
    mutating func notePark(_ ticket: UploadTicket, receivedBytes: Int, at time: Instant) {
        uploads[ticket.generation] = KeptUpload(
            phase: .parked(since: KeptUpload.time(time)), receivedBytes: receivedBytes)
        parkedKeys[ticket.generation] = ticket.key
        parkingOrder.append(ticket.generation)
        bytesParked += receivedBytes
    }

    @inlinable
    mutating func remove(_ ticket: UploadTicket) -> (upload: KeptUpload, content: Kept?)? {
        guard let upload = uploads.removeValue(forKey: ticket.generation) else { return nil }
        generations[ticket.key] = nil
        if case .parked = upload.phase {
            parkedKeys[ticket.generation] = nil
            bytesParked -= upload.receivedBytes
            forgetStaleParkings()
        }
        return (upload, contents.removeValue(forKey: ticket.generation))
    }

    @inlinable
    mutating func dropParked(now: Instant) -> [Kept] {
        var dropped: [Kept] = []
        while let oldest = parkingOrder.first {
            if let key = parkedKeys[oldest], let upload = uploads[oldest] {
                let isWithinLimits =
                    parkedCount <= limits.parkedAtMost && bytesParked <= limits.parkedBytesAtMost
                if isWithinLimits, !isExpired(upload, now: now) { break }
                if let content = remove(UploadTicket(key: key, generation: oldest))?.content {
                    dropped.append(content)
                }
            }
            if parkingOrder.first == oldest { parkingOrder.removeFirst() }
        }
        return dropped
    }

    /// Bounds the order by what is parked, at constant cost per parking.
    @inlinable
    mutating func forgetStaleParkings() {
        guard parkingOrder.count > 2 * parkedCount + 16 else { return }
        parkingOrder.removeAll { parkedKeys[$0] == nil }
    }
}
