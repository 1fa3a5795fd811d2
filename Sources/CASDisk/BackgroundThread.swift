// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A thread of the store's own for what would keep a request waiting: it runs a body whenever it is woken, and
/// at intervals.
final class BackgroundThread: Sendable {
    private enum Order {
        case rest
        case run
        case stop
    }

    private let condition = NSCondition()
    private let order = Mutex(Order.rest)
    private let isOver = Mutex(false)
    private let interval: Duration?
    private let body: @Sendable () -> Void

    /// Starts the thread; with an interval, `body` runs that long after it last ended, even if nobody wakes it.
    init(_ name: String, every interval: Duration? = nil, _ body: @escaping @Sendable () -> Void) {
        self.interval = interval
        self.body = body
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.start()
    }

    /// Lets the body run once more, now or when the run that is going on has ended.
    func wake() {
        give(.run)
    }

    /// Lets the thread end when the body, if it runs, has ended; does not wait for it.
    func end() {
        give(.stop)
    }

    /// Returns when the body has ended for the last time. Must not be called by the body.
    func stop() {
        give(.stop)
        condition.lock()
        while !isOver.withLock({ $0 }) { condition.wait() }
        condition.unlock()
    }

    private func give(_ new: Order) {
        condition.lock()
        order.withLock { if $0 != .stop { $0 = new } }
        condition.broadcast()
        condition.unlock()
    }

    private func run() {
        while waitForOrder() { body() }
        condition.lock()
        isOver.withLock { $0 = true }
        condition.broadcast()
        condition.unlock()
    }

    /// Whether the body should run; false if the thread should end.
    private func waitForOrder() -> Bool {
        let limit = interval.map { Date(timeIntervalSinceNow: $0 / .seconds(1)) }
        condition.lock()
        defer { condition.unlock() }
        while order.withLock({ $0 == .rest }), wait(until: limit) {}
        return order.withLock { order in
            guard order != .stop else { return false }
            order = .rest
            return true
        }
    }

    /// Returns true when somebody gave an order, perhaps; false when it is `limit`.
    private func wait(until limit: Date?) -> Bool {
        // Foundation traps on a date as far away as `distantFuture`.
        guard let limit else {
            condition.wait()
            return true
        }
        return condition.wait(until: limit)
    }
}
