// SPDX-License-Identifier: Apache-2.0

/// How often something is tried, with waits that grow and vary, so that many clients do not come back at once.
public struct RetryPolicy: Sendable {
    /// How many attempts there are, the first one included.
    public var attempts = 5

    /// How long the wait after the first attempt is on average; every further one is twice as long.
    public var firstDelay = Duration.milliseconds(250)

    /// The longest wait on average.
    public var longestDelay = Duration.seconds(5)

    /// A policy with the defaults above.
    public init() {}

    /// How long to wait after attempt number `attempt`, or nil to give up: half to one and a half of the average.
    func delay(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration? {
        guard attempt < attempts else { return nil }
        let average = min(firstDelay * (1 << min(attempt - 1, 20)), longestDelay)
        return average * Double.random(in: 0.5...1.5, using: &random)
    }
}
