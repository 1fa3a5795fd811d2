// SPDX-License-Identifier: Apache-2.0

/// How the bytes of a blob are packed on the wire, with its number in the Remote Execution API (`Compressor.Value`).
public enum Compressor: UInt8, Sendable, CaseIterable {
    case identity = 0
    case zstd = 1
    case deflate = 2
    case brotli = 3

    /// The lower-case name, as it stands in resource names.
    public var name: String {
        switch self {
        case .identity: "identity"
        case .zstd: "zstd"
        case .deflate: "deflate"
        case .brotli: "brotli"
        }
    }
}
