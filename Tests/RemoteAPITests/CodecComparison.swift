// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CoreGRPC
import Foundation
import RemoteAPI
import SwiftProtobuf
import Testing

/// A hand-made codec beside the generated type of the same message.
struct CodecComparison: Sendable {
    let name: String
    /// An encoded message that a client could send.
    let sample: @Sendable (inout Dice) -> [UInt8]
    /// What is wrong with what the hand-made codec makes of the bytes, or nil.
    let disagreement: @Sendable ([UInt8], ByteChain) -> String?

    /// All hand-made codecs.
    static let all = [
        readResponse, writeRequest, findMissingRequest, findMissingResponse, batchUpdateRequest,
        batchUpdateResponse,
        batchReadRequest, batchReadResponse, getTreeResponse, directory, tree,
    ]

    /// Records an issue for each codec that takes `bytes` for something else than swift-protobuf does, whole and cut
    /// in pieces. The body of the fuzz target.
    static func hold(_ bytes: [UInt8], cuttingBy dice: inout Dice) {
        for codec in all { codec.hold(bytes, cuttingBy: &dice) }
    }

    func hold(_ bytes: [UInt8], cuttingBy dice: inout Dice) {
        for chain in [ByteChain(Bytes(bytes)), dice.cut(bytes)] {
            if let disagreement = disagreement(bytes, chain) {
                Issue.record(
                    "\(name), seed \(dice.seed), \(chain.slices.count) slices: \(disagreement): \(bytes)")
            }
        }
    }

    /// Compares what both decode, and what the generated type decodes of what the hand-made one encodes.
    private static func compare<Generated: Message, HandMade: WireMessage & Equatable>(
        _ name: String, _ convert: @escaping @Sendable (Generated) throws -> HandMade,
        sample: @escaping @Sendable (inout Dice) -> Generated
    ) -> CodecComparison {
        CodecComparison(name: name) { dice in
            try! sample(&dice).serializedBytes()
        } disagreement: { bytes, chain in
            let expected = Result { try convert(try Generated(serializedBytes: bytes)) }
            let found = Result { try HandMade(decoding: chain) }
            switch (expected, found) {
            case (.failure, .failure): return nil
            case (.success, .failure(let error)): return "refused with \(error)"
            case (.failure(let error), .success): return "accepted in spite of \(error)"
            case (.success(let expected), .success(let found)):
                guard expected == found else { return "expected \(expected), found \(found)" }
                let again = Result {
                    try convert(try Generated(serializedBytes: [UInt8](found.encoded().joined())))
                }
                guard case .success(found) = again else { return "encoded \(found), decoded \(again)" }
                return nil
            }
        }
    }
}

extension Dice {
    /// `bytes` in slices that are cut at random places.
    mutating func cut(_ bytes: [UInt8]) -> ByteChain {
        var chain = ByteChain()
        var rest = bytes[...]
        let longest = pick([1, 3, 70, 1000])
        while !rest.isEmpty {
            let count = min(rest.count, 1 + below(longest))
            chain.append(Bytes(Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
        }
        return chain
    }
}

// What the generated types say, in the words of the hand-made ones.
extension CodecComparison {
    static let readResponse = compare("ReadResponse") { (generated: Google_Bytestream_ReadResponse) in
        ReadResponse(data: chain(generated.data))
    } sample: { dice in
        .with { $0.data = dice.data() }
    }

    static let writeRequest = compare("WriteRequest") { (generated: Google_Bytestream_WriteRequest) in
        WriteRequest(
            resourceName: generated.resourceName, writeOffset: generated.writeOffset,
            finishWrite: generated.finishWrite, data: chain(generated.data))
    } sample: { dice in
        .with {
            $0.resourceName = dice.text()
            $0.writeOffset = dice.number()
            $0.finishWrite = dice.oneIn(2)
            $0.data = dice.data()
        }
    }

    static let findMissingRequest = compare("FindMissingBlobsRequest") {
        (generated: Build_Bazel_Remote_Execution_V2_FindMissingBlobsRequest) in
        let function = try function(generated.digestFunction)
        return FindMissingBlobsRequest(
            instanceName: generated.instanceName,
            blobDigests: try generated.blobDigests.map { try claim($0, function).get() },
            digestFunction: function)
    } sample: { dice in
        .with {
            $0.instanceName = dice.text()
            $0.blobDigests = dice.several(8) { $0.oneIn(20) ? $0.digest() : $0.goodDigest() }
            $0.digestFunction = dice.function()
        }
    }

    static let findMissingResponse = compare("FindMissingBlobsResponse") {
        (generated: Build_Bazel_Remote_Execution_V2_FindMissingBlobsResponse) in
        FindMissingBlobsResponse(
            missingBlobDigests: try generated.missingBlobDigests.map { try claim($0, nil).get() })
    } sample: { dice in
        .with { $0.missingBlobDigests = dice.several(8) { $0.oneIn(20) ? $0.digest() : $0.goodDigest() } }
    }

    static let batchUpdateRequest = compare("BatchUpdateBlobsRequest") {
        (generated: Build_Bazel_Remote_Execution_V2_BatchUpdateBlobsRequest) in
        let function = try function(generated.digestFunction)
        return BatchUpdateBlobsRequest(
            instanceName: generated.instanceName,
            requests: generated.requests.map { request in
                BatchUpdateBlobsRequest.Request(
                    digest: claim(request.digest, function), data: chain(request.data),
                    compressor: compressor(request.compressor))
            }, digestFunction: function)
    } sample: { dice in
        .with {
            $0.instanceName = dice.text()
            $0.requests = dice.several(6) { dice in
                .with {
                    if !dice.oneIn(10) { $0.digest = dice.digest() }
                    $0.data = dice.data()
                    $0.compressor = dice.compressor()
                }
            }
            $0.digestFunction = dice.function()
        }
    }

    static let batchUpdateResponse = compare("BatchUpdateBlobsResponse") {
        (generated: Build_Bazel_Remote_Execution_V2_BatchUpdateBlobsResponse) in
        BatchUpdateBlobsResponse(
            responses: generated.responses.map {
                .init(digest: claim($0.digest, nil), status: status($0.status))
            })
    } sample: { dice in
        .with {
            $0.responses = dice.several(6) { dice in
                .with {
                    if !dice.oneIn(10) { $0.digest = dice.digest() }
                    if !dice.oneIn(3) { $0.status = dice.status() }
                }
            }
        }
    }

    static let batchReadRequest = compare("BatchReadBlobsRequest") {
        (generated: Build_Bazel_Remote_Execution_V2_BatchReadBlobsRequest) in
        let function = try function(generated.digestFunction)
        return BatchReadBlobsRequest(
            instanceName: generated.instanceName, digests: generated.digests.map { claim($0, function) },
            acceptableCompressors: generated.acceptableCompressors.compactMap(compressor),
            digestFunction: function)
    } sample: { dice in
        .with {
            $0.instanceName = dice.text()
            $0.digests = dice.several(6) { $0.digest() }
            $0.acceptableCompressors = dice.several(3) { $0.compressor() }
            $0.digestFunction = dice.function()
        }
    }

    static let batchReadResponse = compare("BatchReadBlobsResponse") {
        (generated: Build_Bazel_Remote_Execution_V2_BatchReadBlobsResponse) in
        BatchReadBlobsResponse(
            responses: generated.responses.map {
                .init(
                    digest: claim($0.digest, nil), data: chain($0.data), status: status($0.status),
                    compressor: compressor($0.compressor))
            })
    } sample: { dice in
        .with {
            $0.responses = dice.several(6) { dice in
                .with {
                    if !dice.oneIn(10) { $0.digest = dice.digest() }
                    $0.data = dice.data()
                    if !dice.oneIn(3) { $0.status = dice.status() }
                    $0.compressor = dice.compressor()
                }
            }
        }
    }

    private static func chain(_ data: Data) -> ByteChain { ByteChain(Bytes(Array(data))) }

    private static func claim(_ digest: DigestMessage, _ function: DigestFunction?) -> DigestClaim {
        DigestClaim(function, hash: digest.hash, size: digest.sizeBytes)
    }

    private static func function(_ value: DigestFunctionMessage.Value) throws -> DigestFunction? {
        guard value != .unknown else { return nil }
        guard let function = UInt8(exactly: value.rawValue).flatMap(DigestFunction.init) else {
            throw MalformedValue("unknown function")
        }
        return function
    }

    private static func compressor(_ value: Build_Bazel_Remote_Execution_V2_Compressor.Value) -> Compressor? {
        UInt8(exactly: value.rawValue).flatMap(Compressor.init)
    }

    private static func status(_ status: Google_Rpc_Status) -> RPCStatus {
        RPCStatus(RPCStatus.Code(rawValue: Int(status.code)) ?? .unknown, status.message)
    }
}
