// SPDX-License-Identifier: Apache-2.0

/// What a caller may do (DESIGN.md §7).
public struct Rights: OptionSet, Sendable, Hashable {
    /// Read blobs, references and action results.
    public static let read = Rights(rawValue: 1 << 0)
    /// Write blobs, references and action results.
    public static let push = Rights(rawValue: 1 << 1)
    /// Look after the server.
    public static let admin = Rights(rawValue: 1 << 2)

    /// One bit for each right.
    public let rawValue: UInt8

    /// The rights with these bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}

extension Rights: CustomStringConvertible {
    /// The names of the rights.
    public var description: String {
        let names: [(Rights, String)] = [(.read, "read"), (.push, "push"), (.admin, "admin")]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
