// SPDX-License-Identifier: Apache-2.0

/// What a client says of a call besides its messages.
public struct CallOptions: Sendable {
    /// How long the call may take; nil for as long as it needs.
    public var timeout: Duration?

    /// Headers to send.
    public var metadata = Metadata()

    /// Whether to wait for a server that cannot be reached at the moment, instead of failing with `UNAVAILABLE`.
    public var waitsForReady = false

    /// Options with the defaults above.
    public init() {}

    /// Options with a time limit.
    public init(timeout: Duration) {
        self.timeout = timeout
    }
}
