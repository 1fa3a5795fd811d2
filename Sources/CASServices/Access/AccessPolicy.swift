// SPDX-License-Identifier: Apache-2.0

public import CoreGRPC

/// Decides what each caller may do.
public protocol AccessPolicy: Sendable {
    /// The rights of the caller of this call.
    ///
    /// - Throws: an `RPCStatus` when the caller must say who it is first, or says so wrongly.
    func rights(of call: CallContext) throws -> Rights
}

/// Gives every caller the same rights.
public struct AnonymousAccess: AccessPolicy {
    private let rights: Rights

    /// A policy that gives everybody `rights`.
    public init(_ rights: Rights) {
        self.rights = rights
    }

    /// The same for all.
    public func rights(of call: CallContext) -> Rights { rights }
}

/// The caller may not do what it asked for.
struct AccessDenied: Error {
    let missing: Rights

    var sentence: String { "This needs a right that the caller does not have: \(missing)." }
}

extension AccessPolicy {
    /// Admits the callers that have `right`.
    func requiring(_ right: Rights) -> Admission {
        { call in
            guard try rights(of: call).contains(right) else { throw AccessDenied(missing: right) }
        }
    }
}
