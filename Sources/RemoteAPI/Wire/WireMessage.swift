// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import CASModel
public import CoreGRPC

/// A message that is encoded by hand: parsed straight into values, its payloads lent (DESIGN.md §4).
///
/// Means on the wire what the generated type of the same name means: unknown fields are skipped, the last value of a
/// field wins, messages within are merged.
public protocol WireMessage: Sendable {
    /// The message in `bytes`.
    ///
    /// - Throws: ``MalformedValue`` when they are no such message, or a value in it that the message cannot do without
    ///   is not what it should be.
    init(decoding bytes: ByteChain) throws(MalformedValue)

    /// The bytes of the message; payloads share their memory with it.
    func encoded() -> ByteChain
}

extension MessageCodec where Message: WireMessage {
    /// The message's own codec.
    public static var wire: MessageCodec {
        MessageCodec(decode: { try Message(decoding: $0) }, encode: { $0.encoded() })
    }
}
