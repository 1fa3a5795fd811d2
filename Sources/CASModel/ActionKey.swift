// SPDX-License-Identifier: Apache-2.0

/// What an action result is known by: the digest of the action, within an instance.
public struct ActionKey: Hashable, Sendable {
    /// The namespace of the client.
    public let instance: InstanceName
    /// The digest of the action; its function is part of the key.
    public let action: Digest

    /// A key of these parts.
    public init(instance: InstanceName, action: Digest) {
        self.instance = instance
        self.action = action
    }
}
