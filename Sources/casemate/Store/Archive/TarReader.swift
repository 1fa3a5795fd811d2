// SPDX-License-Identifier: Apache-2.0

import Bytes

/// Reads the files of a tar archive one after the other, from a file or a pipe: ustar, pax and GNU's.
struct TarReader {
    /// The archive ended in the middle.
    struct Truncated: Error {}

    /// The longest extension of a header that is read; names and sizes are short.
    private static let longestExtension = 1 << 20

    /// What is handed out at once.
    private static let pieceSize = 1 << 20

    private let input: ByteInput
    /// How much of the current file was not read yet, and what fills up its last block.
    private var left = 0
    private var padding = 0

    init(_ input: ByteInput) {
        self.input = input
    }

    /// The header of the next file or directory; nil at the end. What is left of the file before is passed over.
    ///
    /// - Throws: ``Truncated``; a ``StoreFailure`` for what is no tar archive, or holds more than files.
    mutating func next() throws -> TarHeader? {
        var name: String?
        var size: Int?
        while var header = try nextHeader() {
            switch header.kind {
            case .file, .directory:
                header.name = name ?? header.name
                header.size = size ?? header.size
                left = header.kind == .file ? header.size : 0
                padding = TarHeader.padding(after: left)
                return header
            case .extended:
                let records = try Self.records(try content(of: header))
                name = records["path"] ?? name
                if let text = records["size"] {
                    guard let number = Int(text), number >= 0 else {
                        throw StoreFailure(
                            "The archive is damaged: a file has the size “\(TarHeader.printable(text))”.")
                    }
                    size = number
                }
            case .longName:
                name = String(decoding: try content(of: header).prefix { $0 != 0 }, as: UTF8.self)
            case .global: _ = try content(of: header)
            }
        }
        return nil
    }

    /// The next piece of the current file, nil at its end.
    mutating func piece() throws -> Bytes? {
        guard left > 0 else { return nil }
        let bytes = try input.read(min(left, Self.pieceSize))
        guard !bytes.isEmpty else { throw Truncated() }
        left -= bytes.count
        return bytes
    }

    private mutating func nextHeader() throws -> TarHeader? {
        while try piece() != nil {}
        try skip(padding)
        padding = 0
        let block = [UInt8](try input.readWhole(TarHeader.blockSize))
        // Two blocks of zeros end an archive; what is cut off has neither.
        guard block.count == TarHeader.blockSize else { throw Truncated() }
        guard block.contains(where: { $0 != 0 }) else {
            // Whoever writes into the pipe writes to the end.
            while try !input.read(Self.pieceSize).isEmpty {}
            return nil
        }
        return try TarHeader(reading: block)
    }

    private mutating func content(of header: TarHeader) throws -> [UInt8] {
        guard header.size <= Self.longestExtension else {
            throw StoreFailure("The archive is damaged: a header has an extension of \(header.size) bytes.")
        }
        let bytes = try input.readWhole(header.size)
        guard bytes.count == header.size else { throw Truncated() }
        try skip(TarHeader.padding(after: header.size))
        return [UInt8](bytes)
    }

    private func skip(_ count: Int) throws {
        guard try input.readWhole(count).count == count else { throw Truncated() }
    }

    /// The records of a pax header: `LENGTH KEY=VALUE\n` each.
    private static func records(_ bytes: [UInt8]) throws -> [String: String] {
        var records: [String: String] = [:]
        var rest = bytes[...]
        while let space = rest.firstIndex(of: 0x20) {
            guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
                length > space - rest.startIndex + 1, length <= rest.count,
                let equals = rest[space...].firstIndex(of: 0x3D), equals < rest.startIndex + length
            else { throw StoreFailure("The archive is damaged: an extended header cannot be read.") }
            let key = String(decoding: rest[(space + 1)..<equals], as: UTF8.self)
            let end = rest.startIndex + length
            records[key] = String(decoding: rest[(equals + 1)..<max(equals + 1, end - 1)], as: UTF8.self)
            rest = rest[end...]
        }
        return records
    }
}
