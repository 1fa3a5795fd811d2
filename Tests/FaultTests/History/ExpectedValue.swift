// SPDX-License-Identifier: Apache-2.0

import CASModel

/// What a history knows of a reference or an action result: the value that was acknowledged last, and those
/// that may have come after.
struct ExpectedValue<Value: Equatable> {
    /// An update that was not acknowledged.
    struct Attempt {
        let value: Value?
        /// The blobs that were acknowledged before: what the value reaches is among them.
        let blobs: [Digest]
    }

    private(set) var acknowledged: Value?
    private var attempts: [Attempt] = []

    mutating func acknowledge(_ value: Value?) {
        acknowledged = value
        attempts = []
    }

    mutating func attempt(_ value: Value?, after blobs: [Digest]) {
        attempts.append(Attempt(value: value, blobs: blobs))
    }

    /// Takes note of what the store says; returns the blobs that it promises by that.
    mutating func observe(_ value: Value?, of key: String) throws(Violation) -> [Digest] {
        defer { acknowledge(value) }
        guard value != acknowledged else { return [] }
        guard let attempt = attempts.last(where: { $0.value == value }) else {
            throw Violation("\(key) is \(value as Any), expected \(acknowledged as Any) or an update of it")
        }
        return value == nil ? [] : attempt.blobs
    }
}
