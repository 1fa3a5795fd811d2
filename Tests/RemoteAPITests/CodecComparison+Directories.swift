// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import Foundation
import RemoteAPI
import SwiftProtobuf

extension CodecComparison {
    /// The directories of a response are lent undecoded: what they hold is compared only if they are directories.
    static let getTreeResponse = CodecComparison(name: "GetTreeResponse") { dice in
        try! Build_Bazel_Remote_Execution_V2_GetTreeResponse.with {
            $0.directories = dice.several(4) { $0.directory() }
            $0.nextPageToken = dice.text()
        }.serializedBytes()
    } disagreement: { bytes, chain in
        let generated = try? Build_Bazel_Remote_Execution_V2_GetTreeResponse(serializedBytes: bytes)
        guard let found = try? GetTreeResponse(decoding: chain) else {
            return generated == nil ? nil : "refused"
        }
        let again = try? GetTreeResponse(decoding: found.encoded())
        guard again == found else { return "encoded \(found), decoded \(String(describing: again))" }
        guard let generated else { return nil }
        let directories = try? found.directories.map { try Directory(serializedBytes: [UInt8]($0.joined())) }
        guard directories == generated.directories else { return "directories differ" }
        return generated.nextPageToken == found.nextPageToken ? nil : "page tokens differ"
    }

    static let directory = CodecComparison(name: "Directory") { dice in
        try! dice.directory().serializedBytes()
    } disagreement: { bytes, chain in
        let expected = try? children(of: [try Directory(serializedBytes: bytes)])
        let found = try? DirectoryChildren(directory: chain, .sha256)
        return equal(expected, found)
            ? nil : "expected \(String(describing: expected)), found \(String(describing: found))"
    }

    static let tree = CodecComparison(name: "Tree") { dice in
        try! Tree.with {
            $0.root = dice.directory()
            $0.children = dice.several(3) { $0.directory() }
        }.serializedBytes()
    } disagreement: { bytes, chain in
        let expected = (try? Tree(serializedBytes: bytes)).flatMap {
            try? children(of: [$0.root] + $0.children)
        }
        let found = try? DirectoryChildren(tree: chain, .sha256)
        return equal(expected, found)
            ? nil : "expected \(String(describing: expected)), found \(String(describing: found))"
    }

    private struct Children {
        var files: Set<Digest>
        var directories: Set<Digest>
    }

    private static func children(of directories: [Directory]) throws -> Children {
        func digest(_ message: DigestMessage) throws -> Digest {
            try Digest(.sha256, hexadecimal: message.hash, size: Int(message.sizeBytes))
        }
        return Children(
            files: Set(try directories.flatMap(\.files).map { try digest($0.digest) }),
            directories: Set(try directories.flatMap(\.directories).map { try digest($0.digest) }))
    }

    private static func equal(_ expected: Children?, _ found: DirectoryChildren?) -> Bool {
        expected?.files == found.map { Set($0.files) }
            && expected?.directories == found.map { Set($0.directories) }
    }
}

extension Dice {
    mutating func directory() -> Directory {
        .with {
            $0.files = several(4) { dice in
                .with {
                    $0.name = dice.text()
                    $0.digest = dice.oneIn(40) ? dice.digest() : dice.goodDigest()
                    $0.isExecutable = dice.oneIn(2)
                    if dice.oneIn(3) { $0.nodeProperties = dice.properties() }
                }
            }
            $0.directories = several(4) { dice in
                .with {
                    $0.name = dice.text()
                    $0.digest = dice.goodDigest()
                }
            }
            $0.symlinks = several(2) { dice in
                .with {
                    $0.name = dice.text()
                    $0.target = dice.text()
                    if dice.oneIn(3) { $0.nodeProperties = dice.properties() }
                }
            }
            if oneIn(3) { $0.nodeProperties = properties() }
        }
    }

    private mutating func properties() -> Build_Bazel_Remote_Execution_V2_NodeProperties {
        .with {
            $0.properties = several(2) { dice in
                .with {
                    $0.name = dice.text()
                    $0.value = dice.text()
                }
            }
            if oneIn(2) { $0.mtime = .with { $0.seconds = 5 } }
            if oneIn(2) { $0.unixMode = .with { $0.value = 0o644 } }
        }
    }
}
