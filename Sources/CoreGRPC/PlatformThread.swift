// SPDX-License-Identifier: Apache-2.0

internal import CGRPC
internal import Glibc

/// A thread of the operating system with a name.
struct PlatformThread: Sendable {
    private let identifier: pthread_t

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let start = Unmanaged.passRetained(Start(body))
        var identifier = pthread_t()
        let outcome = pthread_create(
            &identifier, nil,
            { argument in
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        precondition(outcome == 0, "the system starts no more threads: error \(outcome)")
        // The kernel keeps 15 characters.
        pthread_setname_np(identifier, String(name.prefix(15)))
        self.identifier = identifier
    }

    /// Waits until the thread has ended.
    func join() {
        pthread_join(identifier, nil)
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
