// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TCP connection that speaks whatever a test likes.
final class RawConnection {
    /// How long the other side may take to close; a limit, not a measurement.
    private static let limit = Duration.seconds(60)

    private let socket: Int32

    /// Connects to `host:port` on this machine.
    init(to address: String) throws {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw ChildProcessError("\(address) has no port.")
        }
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            throw ChildProcessError("Cannot connect to \(address): \(String(cString: strerror(errno))).")
        }
    }

    deinit {
        close(socket)
    }

    /// Lets the end of the connection be a reset instead of an orderly close.
    func willReset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Sends bytes. That the other side has closed already is not an error: it says so when read from.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Says that nothing more is sent.
    func finish() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// All that the other side sends until it closes.
    func untilClosed() async throws -> [UInt8] {
        try await received { _ in false }
    }

    /// What the other side sends until `isEnough` says so of all of it, or it closes.
    func received(until isEnough: ([UInt8]) -> Bool) async throws -> [UInt8] {
        let deadline = ContinuousClock.now + Self.limit
        var received: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while ContinuousClock.now < deadline {
            let count = recv(socket, &room, room.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                received += room[..<count]
                if isEnough(received) { return received }
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                try await Task.sleep(for: .milliseconds(5))
            } else {
                return received
            }
        }
        throw ChildProcessError(
            "The server did not close within \(Self.limit); it sent \(received.count) bytes.")
    }
}
