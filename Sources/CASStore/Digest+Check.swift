// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel

extension Digest {
    /// Throws ``StoreError/Code/mismatch`` when it is not the digest of `content`.
    func check(_ content: ByteChain) throws(StoreError) {
        guard content.count == size else {
            throw StoreError(.mismatch, "Expected \(size) bytes of \(self), found \(content.count).")
        }
        let found: Digest
        do {
            found = try Digest.of(content, function)
        } catch {
            throw StoreError(.mismatch, error.sentence)
        }
        guard found == self else { throw StoreError(.mismatch, "Expected \(self), found \(found).") }
    }
}
