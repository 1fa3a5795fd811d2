// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Glibc
internal import Synchronization

/// A completion queue of the gRPC core and the threads that poll it.
///
/// A thread that takes an event resumes the task that waits for it and runs the task itself, up to where the task
/// waits again (DESIGN.md §3): a call is handled from start to end without changing threads.
public final class Pollers: Sendable {
    /// How many threads poll.
    public let threadCount: Int

    let queue: CompletionQueue
    let executor: PollerExecutor
    private let threads: Mutex<[PlatformThread]>

    /// The number of threads that serves well: twice the cores, so that some may wait for the disk, at least 4.
    public static var defaultThreadCount: Int {
        max(4, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Pollers for clients that bring none of their own; they live as long as the process.
    public static let shared = Pollers()

    /// Starts `threadCount` threads.
    public init(threadCount: Int = Pollers.defaultThreadCount) {
        precondition(threadCount > 0, "somebody must poll")
        Core.start()
        let queue = CompletionQueue()
        let executor = PollerExecutor()
        self.threadCount = threadCount
        self.queue = queue
        self.executor = executor
        threads = Mutex(
            (0..<threadCount).map { number in
                PlatformThread(name: "poller-\(number)") { executor.poll(queue) }
            })
    }

    /// What runs the tasks of calls; prefer it for tasks that make many calls.
    public var taskExecutor: any TaskExecutor { executor }

    /// Ends the threads once every event has been taken; call it after the servers and channels over it have ended.
    ///
    /// Blocks until then; must not be called from a task that runs on these threads.
    public func shutdown() {
        let ended = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        guard !ended.isEmpty else { return }
        grpc_completion_queue_shutdown(queue.pointer)
        for thread in ended { thread.join() }
    }

    deinit {
        shutdown()
    }
}

/// A completion queue, destroyed with its last reference.
final class CompletionQueue: @unchecked Sendable {
    // The core's functions on a completion queue may be called from any thread.
    let pointer: OpaquePointer

    init() {
        pointer = grpc_completion_queue_create_for_next(nil)
    }

    deinit {
        grpc_completion_queue_destroy(pointer)
    }
}
