// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A command that runs beside the test, in a process group of its own, and never outlives this value.
///
/// Its output goes to a file, so that it cannot block on a pipe that nobody reads. `posix_spawn` and not
/// Foundation's `Process`, which sees an end only when all that the command left running has ended too, and
/// has no way to end that.
final class ChildProcess: Sendable {
    /// Its process id, which is also the id of its process group.
    let identifier: Int32

    /// The file that holds what it printed on standard output and standard error.
    let output: URL

    private let command: String
    private let status = Mutex<ExitStatus?>(nil)

    /// Starts a command, with nothing on standard input unless there is a pipe for it.
    ///
    /// What it prints is appended to `output`; what it prints on standard error, to `errors` if that is given.
    init(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: URL,
        output: URL,
        errors: URL? = nil,
        input: InputPipe? = nil
    ) throws {
        command = ([executable.path] + arguments).joined(separator: " ")
        self.output = output

        // `env` changes the folder and then becomes the command; Swift does not see the spawn action for it.
        let words = ["env", "--chdir=\(folder.path)", executable.path] + arguments
        identifier = try Self.spawn(
            "/usr/bin/env", words, environment: environment, output: output, errors: errors, input: input)
    }

    deinit { end() }

    /// Runs a command to its end. One that takes longer than `timeout` is killed, and the call throws.
    static func run(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: URL,
        output: URL,
        timeout: Duration
    ) async throws -> CommandResult {
        let process = try ChildProcess(
            executable, arguments, environment: environment, folder: folder, output: output)
        let status = try await process.exit(within: timeout)
        return CommandResult(command: process.command, status: status, output: process.printed)
    }

    /// What it has printed so far.
    var printed: String {
        // No file means that nothing was printed yet, and other trouble is better told by the exit status.
        guard let bytes = try? Data(contentsOf: output) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How it ended; `nil` while it runs. What it started and left running ends with it.
    var exitStatus: ExitStatus? {
        status.withLock { status in
            if status == nil { status = reap(options: WNOHANG) }
            return status
        }
    }

    /// Sends it a signal, unless it has ended.
    func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { _ = kill(identifier, number) }
        }
    }

    /// Waits for its end. When `limit` has passed it is killed, and the call throws.
    func exit(within limit: Duration) async throws -> ExitStatus {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let exitStatus { return exitStatus }
            try await Task.sleep(for: .milliseconds(10))
        }
        end()
        throw ChildProcessError("\(command) did not end within \(limit). It printed:\n\(printed)")
    }

    /// Kills it and what it started, and returns when it is no more.
    func end() {
        status.withLock { status in
            guard status == nil else { return }
            _ = kill(-identifier, SIGKILL)
            status = reap(options: 0)
        }
    }

    /// The group is killed while the ended leader still holds its id, so that no stranger can be hit.
    private func reap(options: Int32) -> ExitStatus? {
        var information = siginfo_t()
        let code = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT | options)
        guard code == 0, information.si_signo == SIGCHLD else { return nil }
        _ = kill(-identifier, SIGKILL)
        var waitStatus: Int32 = 0
        waitpid(identifier, &waitStatus, 0)
        return ExitStatus(waitStatus: waitStatus)
    }

    private static func spawn(
        _ path: String, _ words: [String], environment: [String: String], output: URL, errors: URL?,
        input: InputPipe?
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input.readEnd, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.path, appending, 0o644)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.path, appending, 0o644)
        } else {
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child inherits what its thread blocks, and the threads that run tasks block SIGTERM.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        let wordPointers = words.map { strdup($0) } + [nil]
        let environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (wordPointers + environmentPointers).forEach { free($0) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, path, &actions, &attributes, wordPointers, environmentPointers)
        guard code == 0 else {
            throw ChildProcessError("Could not start \(words): \(String(cString: strerror(code))).")
        }
        return started
    }
}
