// SPDX-License-Identifier: Apache-2.0

/// How a child process ended.
enum ExitStatus: Equatable, Sendable {
    /// It returned this status; 0 is success.
    case exited(Int32)

    /// This signal ended it.
    case signalled(Int32)

    /// Reads what `waitpid` reports of a process that is no more.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xff) : .signalled(signal)
    }
}
