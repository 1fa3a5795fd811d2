// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Passes connections on to a server and breaks them when told to, as a client does whose machine dies.
final class CuttingProxy: Sendable {
    /// Where to connect, as `host:port`.
    let address: String

    private let listener: Int32
    private let target: UInt16
    private let open = Mutex<Set<Int32>>([])

    init(to target: String) {
        self.target = UInt16(target.split(separator: ":").last!)!
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var local = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(bound, "no port for the proxy")
        address = "127.0.0.1:\(UInt16(bigEndian: local.sin_port))"
        pthread_detach(Self.thread { [self] in accept() })
    }

    /// Breaks all connections.
    func cut() {
        let sockets = open.withLock { $0 }
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Stops taking connections and breaks those there are.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var remote = Self.loopback(port: target)
            let connected = withUnsafePointer(to: &remote) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard connected else {
                close(client)
                close(server)
                continue
            }
            _ = open.withLock { $0.insert(client) }
            pthread_detach(Self.thread { [self] in pass(client, server) })
        }
        close(listener)
    }

    private func pass(_ client: Int32, _ server: Int32) {
        let back = Self.thread { Self.copy(from: server, to: client) }
        Self.copy(from: client, to: server)
        shutdown(server, Int32(SHUT_RDWR))
        shutdown(client, Int32(SHUT_RDWR))
        pthread_join(back, nil)
        _ = open.withLock { $0.remove(client) }
        close(server)
        close(client)
    }

    private static func copy(from source: Int32, to destination: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while true {
                let count = recv(source, buffer.baseAddress, buffer.count, 0)
                guard count > 0 else { break }
                var sent = 0
                while sent < count {
                    let written = send(
                        destination, buffer.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                    guard written > 0 else { return }
                    sent += written
                }
            }
            shutdown(destination, Int32(SHUT_RDWR))
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        final class Start: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var identifier = pthread_t()
        pthread_create(
            &identifier, nil,
            { argument in
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Start(body)).toOpaque())
        return identifier
    }
}
