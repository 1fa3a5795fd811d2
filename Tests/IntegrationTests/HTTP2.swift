// SPDX-License-Identifier: Apache-2.0

/// Just enough of HTTP/2 (RFC 9113) and HPACK (RFC 7541) to begin a gRPC call by hand.
enum HTTP2 {
    /// What a client's connection begins with: the preface and empty settings.
    static let opening =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4, flags: 0, stream: 0, [])

    /// A frame; `length` is what it claims, when that is not the truth.
    static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8], length: Int? = nil)
        -> [UInt8]
    {
        let length = length ?? payload.count
        let head = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        return head + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 0xFF) } + payload
    }

    /// The frame that begins a gRPC call of the rpc at `path` on stream 1.
    static func call(_ path: String) -> [UInt8] {
        let fields: [(String, String)] = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        return frame(type: 1, flags: 4, stream: 1, fields.flatMap(literal))
    }

    /// A frame of data on stream 1; the last one if the client says so.
    static func data(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        frame(type: 0, flags: isLast ? 1 : 0, stream: 1, bytes)
    }

    /// Whether what a server sent ends stream 1: with trailers, with a reset, or with the connection.
    static func isEnded(_ received: [UInt8]) -> Bool {
        var rest = received[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let (type, flags) = (head[3], head[4])
            if type == 1 && flags & 1 != 0 || type == 3 || type == 7 { return true }
            rest = rest.dropFirst(9 + Int(head[0]) << 16 + Int(head[1]) << 8 + Int(head[2]))
        }
        return false
    }

    /// The number after `grpc-status` in what a server sent, as the core writes it: a literal, uncompressed.
    static func status(in received: [UInt8]) -> Int? {
        let name = Array("grpc-status".utf8)
        guard let found = received.firstRange(of: name), found.upperBound < received.count else { return nil }
        let length = Int(received[found.upperBound])
        let digits = received[(found.upperBound + 1)...].prefix(length)
        return digits.count == length ? Int(String(decoding: digits, as: UTF8.self)) : nil
    }

    /// A field without compression or indexing.
    private static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }
}
