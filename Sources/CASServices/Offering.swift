// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import RemoteAPI

/// The digest functions and compressors that clients may use, and the refusal of others (PROTOCOL.md N3, N8).
struct Offering: Sendable {
    let digestFunctions = DigestFunction.allCases.filter(ContentHasher.functions.contains)
    let compressors: [Compressor] = [.identity]

    func check(_ function: DigestFunction?) throws(MalformedValue) {
        guard let function, !digestFunctions.contains(function) else { return }
        throw MalformedValue("The digest function \(function) is not offered.")
    }

    func check(_ digest: Digest) throws(MalformedValue) {
        try check(digest.function)
    }

    func check(_ compressor: Compressor?) throws(MalformedValue) {
        guard let compressor else { throw MalformedValue("The compressor is not known.") }
        guard compressors.contains(compressor) else {
            throw MalformedValue("The compressor \(compressor) is not offered.")
        }
    }

    /// The digest that a client claims, if it is one that can be here.
    func digest(_ claim: DigestClaim) throws(MalformedValue) -> Digest {
        let digest = try claim.get()
        try check(digest)
        return digest
    }

    /// The digest in `message`, of the function that the request names.
    func digest(
        _ message: DigestMessage, _ function: DigestFunctionMessage.Value = .unknown
    ) throws(MalformedValue) -> Digest {
        let digest = try Digest(try named(function), hexadecimal: message.hash, size: Int(message.sizeBytes))
        try check(digest)
        return digest
    }

    private func named(_ function: DigestFunctionMessage.Value) throws(MalformedValue) -> DigestFunction? {
        guard function != .unknown else { return nil }
        guard let named = UInt8(exactly: function.rawValue).flatMap(DigestFunction.init(rawValue:)) else {
            throw MalformedValue("The digest function number \(function.rawValue) is not known.")
        }
        return named
    }
}
