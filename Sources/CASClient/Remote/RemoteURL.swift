// SPDX-License-Identifier: Apache-2.0

/// Where a server is: `grpc://host:port`, or `grpcs://host:port` for TLS.
public struct RemoteURL: Hashable, Sendable {
    /// How the connection is protected.
    public enum Scheme: String, Sendable, CaseIterable {
        /// Not at all.
        case grpc
        /// By TLS.
        case grpcs
    }

    /// How the connection is protected.
    public let scheme: Scheme

    /// A name, an IPv4 address, or an IPv6 address in brackets.
    public let host: String

    /// The TCP port.
    public let port: UInt16

    /// The URL in `text`; one slash at the end is ignored.
    ///
    /// - Throws: ``ClientError`` that says what was expected.
    public init(_ text: String) throws(ClientError) {
        guard let colon = text.firstRange(of: "://") else {
            throw Self.malformed(text, "it has no scheme")
        }
        guard let scheme = Scheme(rawValue: String(text[..<colon.lowerBound])) else {
            throw Self.malformed(text, "its scheme is “\(text[..<colon.lowerBound])”")
        }
        let rest = text[colon.upperBound...]
        let authority = rest.hasSuffix("/") ? rest.dropLast() : rest
        guard !authority.contains(where: { "/?#@".contains($0) }) else {
            throw Self.malformed(text, "something follows the port or stands before the host")
        }
        guard let separator = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
            throw Self.malformed(text, "it has no port")
        }
        let digits = authority[authority.index(after: separator)...]
        guard digits.utf8.allSatisfy({ 48...57 ~= $0 }), let port = UInt16(digits), port > 0 else {
            throw Self.malformed(text, "its port is not a number from 1 to 65535")
        }
        let host = authority[..<separator]
        guard Self.isHost(host) else { throw Self.malformed(text, "its host is “\(host)”") }
        self.scheme = scheme
        self.host = String(host)
        self.port = port
    }

    private static func isHost(_ text: Substring) -> Bool {
        guard text.hasPrefix("[") else {
            return !text.isEmpty
                && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !":[]%\\".utf8.contains($0) }
        }
        return text.hasSuffix("]") && text.count > 2
            && text.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }

    private static func malformed(_ text: String, _ found: String) -> ClientError {
        ClientError(
            .invalidArgument,
            "Expected a URL such as grpc://host:11001, found “\(Printable.quoting(text))”: \(found).")
    }

    /// The name of the server as the gRPC core resolves it; the scheme keeps a host from being taken for one.
    public var target: String { "dns:///\(host):\(port)" }
}

extension RemoteURL: CustomStringConvertible {
    /// The URL as it is written.
    public var description: String { "\(scheme.rawValue)://\(host):\(port)" }
}
