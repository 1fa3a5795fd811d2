// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A few threads for jobs of calls that come from outside the pollers.
///
/// It lives as long as the process: a job may come in after the pollers it belongs to have ended. What waits in it
/// is bounded by the number of tasks, each of which has one job at a time.
final class SparePool: @unchecked Sendable {
    // `waiting` and `head` are read and written only with `mutex` held.
    static let shared = SparePool(threadCount: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    private struct Waiting {
        let job: UnownedJob
        let executor: PollerExecutor
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Waiting] = []
    private var head = 0

    private init(threadCount: Int) {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrived, nil)
        for number in 0..<threadCount {
            _ = PlatformThread(name: "spare-\(number)") { [unowned self] in work() }
        }
    }

    func run(_ job: UnownedJob, for executor: PollerExecutor) {
        pthread_mutex_lock(mutex)
        waiting.append(Waiting(job: job, executor: executor))
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(arrived)
    }

    private func work() {
        while true {
            let next = take()
            next.job.runSynchronously(on: next.executor.asUnownedTaskExecutor())
        }
    }

    private func take() -> Waiting {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while head == waiting.count { pthread_cond_wait(arrived, mutex) }
        let next = waiting[head]
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        }
        return next
    }
}
