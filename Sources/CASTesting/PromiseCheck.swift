// SPDX-License-Identifier: Apache-2.0

/// The check of one promise, which any test framework can run:
///
/// ```swift
/// @Test(arguments: BlobStoreSuite { MemoryStore() }.allChecks)
/// func `the promise holds`(_ check: PromiseCheck) async throws { try await check() }
/// ```
public struct PromiseCheck: Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public let name: String

    private let body: @Sendable () async throws -> Void

    /// A check that throws when the promise does not hold.
    public init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Runs the check.
    ///
    /// - Throws: ``BrokenPromise``, or the error of a store that fails where it should not.
    public func callAsFunction() async throws {
        try await body()
    }

    /// The name.
    public var description: String { name }
}
