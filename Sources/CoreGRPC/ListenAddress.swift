// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A `host:port` to listen on.
struct ListenAddress {
    private let host: Substring
    private let port: UInt16

    /// The address in `text`; the core would take one without a port, or with port 70000, to mean something else.
    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = UInt16(text[text.index(after: colon)...])
        else {
            throw Server.ListenError(address: text, reason: "expected HOST:PORT with a port of 0 to 65535")
        }
        host = text[..<colon]
        self.port = port
    }

    /// The same with the port that the system gave in place of 0.
    func with(port: Int) -> String {
        "\(host):\(port)"
    }

    /// Why the system does not listen here: the core does not tell, so the same is tried without it.
    func reasonNotToListen() -> String {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let name = host.trimmingBrackets
        let outcome = getaddrinfo(name, String(port), &hints, &found)
        guard outcome == 0, let address = found else { return String(cString: gai_strerror(outcome)) }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, 0)
        defer { close(descriptor) }
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
            Glibc.listen(descriptor, 1) == 0
        else { return String(cString: strerror(errno)).lowercased() }
        return "the gRPC core refuses it"
    }
}

extension Substring {
    /// The text without the brackets that an IPv6 address stands in.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : String(self)
    }
}
