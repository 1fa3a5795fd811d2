// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Glibc

/// Runs the jobs that an event brings about on the thread that took the event.
///
/// Jobs that other threads bring about, such as the end of a sleep, run on ``SparePool``.
final class PollerExecutor: TaskExecutor {
    /// The list of jobs of the current thread, if it polls.
    private static let currentList: pthread_key_t = {
        var key = pthread_key_t()
        let outcome = pthread_key_create(&key, nil)
        precondition(outcome == 0, "the system has no more thread-specific keys: error \(outcome)")
        return key
    }()

    private let turns = PollingTurns()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let list = Self.list, list.executor === self {
            list.jobs.append(job)
        } else {
            SparePool.shared.run(job, for: self)
        }
    }

    /// Takes events from `queue` until it is shut down and empty.
    func poll(_ queue: CompletionQueue) {
        let list = JobList(of: self)
        pthread_setspecific(Self.currentList, Unmanaged.passUnretained(list).toOpaque())
        defer { pthread_setspecific(Self.currentList, nil) }
        while true {
            turns.begin()
            let event = grpc_completion_queue_next(queue.pointer, gpr_inf_future(GPR_CLOCK_MONOTONIC), nil)
            turns.end()
            guard event.type == GRPC_OP_COMPLETE else { return }
            handle(event.tag, succeeded: event.success, on: queue, list)
        }
    }

    /// Handles an event and those that handling it brings about at once, as a write that needs not wait does.
    ///
    /// The core keeps one such event for this thread when asked to; through the queue it would wake another thread.
    private func handle(
        _ tag: UnsafeMutableRawPointer, succeeded: Int32, on queue: CompletionQueue, _ list: JobList
    ) {
        var tag: UnsafeMutableRawPointer? = tag
        var succeeded = succeeded
        repeat {
            grpc_completion_queue_thread_local_cache_init(queue.pointer)
            EventTag.take(tag!, succeeded: succeeded != 0)
            list.run()
        } while grpc_completion_queue_thread_local_cache_flush(queue.pointer, &tag, &succeeded) != 0
    }

    /// Calls `body` once the jobs that the current event brought about have run, as far as they get without waiting.
    static func afterJobs(_ body: @escaping () -> Void) {
        guard let list else { return body() }
        list.afterwards.append(body)
    }

    private static var list: JobList? {
        pthread_getspecific(currentList).map { Unmanaged<JobList>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The jobs that one polling thread has before it; touched by that thread alone.
private final class JobList {
    unowned let executor: PollerExecutor
    var jobs: [UnownedJob] = []
    var afterwards: [() -> Void] = []

    init(of executor: PollerExecutor) {
        self.executor = executor
    }

    func run() {
        var next = 0
        while next < jobs.count {
            jobs[next].runSynchronously(on: executor.asUnownedTaskExecutor())
            next += 1
        }
        jobs.removeAll(keepingCapacity: true)
        guard !afterwards.isEmpty else { return }
        for body in afterwards { body() }
        afterwards.removeAll(keepingCapacity: true)
    }
}
