// SPDX-License-Identifier: Apache-2.0

import CASModel
import CASStore
import Testing

@Suite final class UploadRegistryTests {
    private typealias Registry = UploadRegistry<String>

    private static let start = ContinuousClock.now

    private var registry = Registry()
    private var now = UploadRegistryTests.start

    @Test func `an upload that was never opened keeps nothing`() throws {
        #expect(keptBytes("u") == nil)
        #expect(open("u", at: 3) == .refused(keptBytes: 0))
        #expect(registry.openCount == 0)
    }

    @Test func `an upload takes what its digest says and ends with its content`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("01234", by: ticket))
        #expect(keptBytes("u") == 5)
        #expect(append("56789", by: ticket))
        #expect(registry.openCount == 1)
        #expect(finish(ticket) == .proceed("0123456789"))
        registry.endFinish(ticket)
        #expect(keptBytes("u") == nil)
        #expect(registry.openCount == 0)
    }

    @Test func `what is being finished counts as kept, and nobody else has it`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("0123456789", by: ticket))
        #expect(finish(ticket) == .proceed("0123456789"))
        #expect(keptBytes("u") == 10)
        #expect(open("u", at: 10) == .occupied)
        #expect(open("u", at: 5) == .refused(keptBytes: 10))
        #expect(beginAppend(of: 0, by: ticket) == .superseded)
        #expect(finish(ticket) == .superseded)
        #expect(park(ticket) == [])
        #expect(discard(ticket) == nil)
        #expect(keptBytes("u") == 10)
        registry.endFinish(ticket)
        #expect(keptBytes("u") == nil)
    }

    @Test func `an upload may start anew while the one before is being finished`() throws {
        let older = try ticket(open("u"))
        #expect(append("0123456789", by: older))
        #expect(finish(older) == .proceed("0123456789"))
        let opening = open("u")
        let newer = try ticket(opening)
        #expect(opening == .started(newer, ending: nil, dropping: nil))
        #expect(append("01", by: newer))
        registry.endFinish(older)
        #expect(keptBytes("u") == 2)
        registry.endFinish(newer)
        #expect(keptBytes("u") == 2, "it is not being finished")
    }

    @Test func `an upload of nothing ends without content`() throws {
        let ticket = try ticket(open("u", size: 0))
        #expect(finish(ticket) == .proceed(nil))
    }

    @Test(arguments: [4, 5, Int.max]) func `bytes past the size are refused and nothing is kept`(count: Int)
        throws
    {
        let ticket = try ticket(open("u"))
        #expect(append("0123456", by: ticket))
        #expect(beginAppend(of: count, by: ticket) == .tooLong(dropping: "0123456"))
        #expect(keptBytes("u") == nil)
        #expect(beginAppend(of: 1, by: ticket) == .superseded)
    }

    @Test func `a short finish drops what was kept`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("012", by: ticket))
        #expect(finish(ticket) == .tooShort(receivedBytes: 3, dropping: "012"))
        #expect(keptBytes("u") == nil)
    }

    @Test func `a parked upload goes on where it stopped, and only there`() throws {
        #expect(try parked("u", "0123") == [])
        #expect(registry.parkedCount == 1 && registry.parkedBytes == 4 && registry.openCount == 0)
        for offset in [-1, 1, 3, 5, .max, .min] {
            #expect(open("u", at: offset) == .refused(keptBytes: 4))
        }
        let ticket = try ticket(open("u", at: 4))
        #expect(registry.parkedCount == 0 && registry.parkedBytes == 0 && registry.openCount == 1)
        #expect(append("456789", by: ticket))
        #expect(finish(ticket) == .proceed("0123456789"))
    }

    @Test func `offset 0 starts anew and drops what was parked`() throws {
        #expect(try parked("u", "0123") == [])
        let opening = open("u")
        #expect(opening == .started(try ticket(opening), ending: nil, dropping: "0123"))
        #expect(keptBytes("u") == 0)
        #expect(registry.parkedCount == 0 && registry.parkedBytes == 0)
    }

    @Test func `a newer opening starts anew and the older learns it at its next call`() throws {
        let older = try ticket(open("u"))
        #expect(append("0123", by: older))
        let opening = open("u")
        let newer = try ticket(opening)
        #expect(opening == .started(newer, ending: older, dropping: "0123"))
        #expect(newer.generation > older.generation)
        #expect(beginAppend(of: 1, by: older) == .superseded)
        #expect(park(older) == [])
        #expect(discard(older) == nil)
        #expect(finish(older) == .superseded)
        #expect(append("0123456789", by: newer))
    }

    @Test func `a newer opening takes over what the older has brought`() throws {
        let older = try ticket(open("u"))
        #expect(append("0123", by: older))
        let opening = open("u", at: 4)
        let newer = try ticket(opening)
        #expect(opening == .resumed(newer, ending: older))
        #expect(beginAppend(of: 1, by: older) == .superseded)
        #expect(append("456789", by: newer))
        #expect(finish(newer) == .proceed("0123456789"))
    }

    @Test func `content that is being appended to is not taken over`() throws {
        let older = try ticket(open("u"))
        #expect(append("0123", by: older))
        #expect(beginAppend(of: 2, by: older) == .proceed("0123"))
        #expect(keptBytes("u") == 4)
        #expect(open("u", at: 4) == .occupied)
        #expect(endAppend(by: older, keeping: "012345") == .awaited)
        #expect(keptBytes("u") == 6)
        #expect(park(older) == [])
        #expect(beginAppend(of: 1, by: older) == .superseded)
        let newer = try ticket(open("u", at: 6))
        #expect(append("6789", by: newer))
        #expect(finish(newer) == .proceed("0123456789"))
    }

    @Test func `content that is being appended to stays with an opening that was superseded`() throws {
        let older = try ticket(open("u"))
        #expect(beginAppend(of: 2, by: older) == .proceed(nil))
        let opening = open("u")
        let newer = try ticket(opening)
        #expect(opening == .started(newer, ending: older, dropping: nil))
        #expect(endAppend(by: older, keeping: "01") == .superseded)
        #expect(keptBytes("u") == 0)
        #expect(append("0123456789", by: newer))
    }

    @Test func `an append that failed may bring back less`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("0123", by: ticket))
        #expect(beginAppend(of: 6, by: ticket) == .proceed("0123"))
        #expect(endAppend(by: ticket, keeping: "0123") == .kept)
        #expect(keptBytes("u") == 4)
        #expect(append("456789", by: ticket))
    }

    @Test func `an append that never came back leaves nothing to park`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("0123", by: ticket))
        #expect(beginAppend(of: 1, by: ticket) == .proceed("0123"))
        #expect(park(ticket) == [])
        #expect(keptBytes("u") == nil)
    }

    @Test func `parking or discarding twice changes nothing`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("0123", by: ticket))
        for _ in 0..<3 { #expect(park(ticket) == []) }
        #expect(registry.parkedCount == 1 && registry.parkedBytes == 4)
        #expect(discard(ticket) == nil)
        #expect(keptBytes("u") == 4)
        let again = try self.ticket(open("u", at: 4))
        #expect(discard(again) == "0123")
        #expect(discard(again) == nil)
        #expect(keptBytes("u") == nil)
    }

    @Test func `an upload without bytes is not parked`() throws {
        #expect(park(try ticket(open("u"))) == [])
        #expect(registry.parkedCount == 0)
        #expect(keptBytes("u") == nil)
    }

    @Test func `one identifier may be used for many blobs`() throws {
        #expect(append("01", by: try ticket(open("u", size: 10))))
        #expect(append("abc", by: try ticket(open("u", size: 20))))
        #expect(keptBytes("u", size: 10) == 2)
        #expect(keptBytes("u", size: 20) == 3)
    }

    @Test func `the oldest parked upload goes first when there are too many`() throws {
        limit { $0.parkedAtMost = 2 }
        #expect(try parked("1", "1") == [])
        #expect(try parked("2", "2") == [])
        #expect(park(try ticket(open("1", at: 1))) == [])
        #expect(try parked("3", "3") == ["2"])
        #expect(try parked("4", "4") == ["1"])
        #expect(registry.parkedCount == 2)
    }

    @Test func `the oldest parked uploads go first when they have too many bytes`() throws {
        limit { $0.parkedBytesAtMost = 8 }
        #expect(try parked("1", "11") == [])
        #expect(try parked("2", "222") == [])
        #expect(try parked("3", "333333") == ["11", "222"])
        #expect(try parked("4", "444444444") == ["444444444"], "one that is too large goes alone")
        #expect(registry.parkedCount == 1 && registry.parkedBytes == 6)
    }

    @Test func `a parked upload is kept for its time`() throws {
        #expect(try parked("1", "1") == [])
        now = Self.start + .seconds(1)
        #expect(try parked("2", "22") == [])
        now = Self.start + .seconds(3599)
        #expect(expire() == [])
        #expect(keptBytes("1") == 1)
        now = Self.start + .seconds(3600)
        #expect(keptBytes("1") == nil)
        #expect(open("1", at: 1) == .refused(keptBytes: 0))
        #expect(expire() == ["1"])
        now = Self.start + .seconds(3601)
        #expect(expire() == ["22"])
        #expect(registry.parkedCount == 0 && registry.parkedBytes == 0)
    }

    @Test func `an open upload does not expire`() throws {
        let ticket = try ticket(open("u"))
        #expect(append("0123", by: ticket))
        now = Self.start + .seconds(1_000_000)
        #expect(expire() == [])
        #expect(append("456789", by: ticket))
    }

    @Test func `what an earlier life of the store parked is kept for the rest of its time`() throws {
        #expect(restore("1", "0123", parked: 3000) == nil)
        #expect(restore("2", "01", parked: 10) == nil)
        #expect(registry.parkedCount == 2 && registry.parkedBytes == 6 && registry.openCount == 0)
        now = Self.start + .seconds(600)
        #expect(expire() == ["0123"])
        #expect(keptBytes("1") == nil)
        let ticket = try ticket(open("2", at: 2))
        #expect(append("23456789", by: ticket))
        #expect(finish(ticket) == .proceed("0123456789"))
        #expect(registry.parkedCount == 0 && registry.parkedBytes == 0)
    }

    @Test func `what an earlier life of the store parked is kept within the limits`() throws {
        limit { $0.parkedAtMost = 2 }
        for name in ["1", "2", "3"] { #expect(restore(name, name, parked: 0) == nil) }
        #expect(expire() == ["1"])
        #expect(restore("3", "33", parked: 0) == "3", "the later of two")
        #expect(keptBytes("3") == 2 && registry.parkedCount == 2 && registry.parkedBytes == 3)
    }

    @Test func `the oldest parked upload can be given up for room`() throws {
        #expect(registry.dropOldestParked() == nil)
        for name in ["1", "2", "3"] { #expect(try parked(name, name) == []) }
        #expect(park(try ticket(open("1", at: 1))) == [])
        let open = try ticket(open("4"))
        for name in ["2", "3", "1"] { #expect(registry.dropOldestParked() == name) }
        #expect(registry.dropOldestParked() == nil)
        #expect(registry.parkedCount == 0 && registry.parkedBytes == 0)
        #expect(append("0", by: open))
    }

    @Test func `openings at rest are those that may be parked`() throws {
        let (resting, busy, ending) = (try ticket(open("1")), try ticket(open("2")), try ticket(open("3")))
        #expect(append("0123456789", by: ending))
        #expect(finish(ending) == .proceed("0123456789"))
        #expect(beginAppend(of: 1, by: busy) == .proceed(nil))
        #expect(try parked("4", "0") == [])
        #expect(registry.restingTickets == [resting])
    }

    @Test func `parking and going on many times keeps the counts`() throws {
        for round in 1...10 {
            for name in 0..<20 {
                let ticket = try ticket(open("\(name)", at: round - 1))
                #expect(append("x", by: ticket))
                #expect(park(ticket) == [])
            }
            #expect(registry.parkedCount == 20 && registry.parkedBytes == 20 * round)
        }
    }
}

// What a store does with a registry, in few words. The registry is a value, and `#expect` does not let a value change.
extension UploadRegistryTests {
    private struct NoTicket: Error {}

    private func key(_ name: String, size: Int) -> UploadKey {
        let digest = try! Digest(.sha256, hexadecimal: String(repeating: "a", count: 64), size: size)
        return UploadKey(instance: .unnamed, identifier: name, digest: digest, compressor: .identity)
    }

    private func limit(_ change: (inout UploadLimits) -> Void) {
        var limits = UploadLimits()
        change(&limits)
        registry = Registry(limits: limits)
    }

    private func open(_ name: String, size: Int = 10, at offset: Int = 0) -> Registry.Opening {
        registry.open(key(name, size: size), at: offset, now: now)
    }

    private func ticket(_ opening: Registry.Opening) throws -> UploadTicket {
        switch opening {
        case .started(let ticket, ending: _, dropping: _), .resumed(let ticket, ending: _): return ticket
        case .refused, .occupied: throw NoTicket()
        }
    }

    private func keptBytes(_ name: String, size: Int = 10) -> Int? {
        registry.keptBytes(of: key(name, size: size), now: now)
    }

    private func beginAppend(of count: Int, by ticket: UploadTicket) -> Registry.Append {
        registry.beginAppend(of: count, by: ticket)
    }

    private func endAppend(by ticket: UploadTicket, keeping content: String) -> Registry.AppendEnd {
        registry.endAppend(by: ticket, keeping: content, receivedBytes: content.utf8.count)
    }

    private func append(_ text: String, by ticket: UploadTicket) -> Bool {
        guard case .proceed(let kept) = beginAppend(of: text.utf8.count, by: ticket) else { return false }
        return endAppend(by: ticket, keeping: (kept ?? "") + text) == .kept
    }

    private func finish(_ ticket: UploadTicket) -> Registry.Finish { registry.finish(ticket) }

    private func park(_ ticket: UploadTicket) -> [String] { registry.park(ticket, now: now) }

    private func discard(_ ticket: UploadTicket) -> String? { registry.discard(ticket) }

    private func restore(_ name: String, _ text: String, parked seconds: Int) -> String? {
        registry.restore(
            key(name, size: 10), keeping: text, receivedBytes: text.utf8.count,
            parkedAt: now - .seconds(seconds))
    }

    private func expire() -> [String] { registry.expire(now: now) }

    private func parked(_ name: String, _ text: String) throws -> [String] {
        let ticket = try ticket(open(name))
        #expect(append(text, by: ticket))
        return park(ticket)
    }
}
