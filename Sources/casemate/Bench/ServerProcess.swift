// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// What the kernel tells of the server's process on this machine.
struct ServerProcess: Sendable {
    /// Memory of a process at its most, in bytes.
    struct Memory: Sendable {
        /// All that was resident (`VmHWM`).
        var resident: Int
        /// What of it was no file's (`RssAnon`), as seen by looking now and then.
        var anonymous: Int
    }

    private let identifier: Int32

    /// - Throws: ``BenchFailure`` when there is no such process.
    init(_ identifier: Int32) throws {
        self.identifier = identifier
        _ = try cpuSeconds()
    }

    /// The CPU time it has taken so far, in the kernel's steps of 10 ms.
    func cpuSeconds() throws -> Double {
        // The name in parentheses may hold anything; the third field follows it, and utime is the 14th.
        let fields = try file("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw BenchFailure("Expected CPU times in /proc/\(identifier)/stat, found none.")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Lets the peak of resident memory start again from what is resident now.
    func forgetPeak() {
        guard let file = fopen("/proc/\(identifier)/clear_refs", "w") else { return }
        // Where that is not allowed the peak is that of the process so far: too high, never too low.
        fputs("5", file)
        fclose(file)
    }

    /// The peak of all memory, and the anonymous memory of the moment.
    func memory() throws -> Memory {
        let status = try file("status")
        return Memory(resident: kilobytes("VmHWM:", in: status), anonymous: kilobytes("RssAnon:", in: status))
    }

    private func kilobytes(_ key: String, in status: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    private func file(_ name: String) throws -> String {
        do {
            return try String(contentsOfFile: "/proc/\(identifier)/\(name)", encoding: .utf8)
        } catch {
            throw BenchFailure(
                "There is no process \(identifier) on this machine whose CPU time can be read.")
        }
    }
}
