// SPDX-License-Identifier: Apache-2.0

public import CASModel
internal import CoreGRPC
internal import RemoteAPI

extension Remote {
    /// The root of the tree that `key` names.
    ///
    /// - Throws: ``ClientError`` with `referenceNotFound` when no tree that is wholly there goes by that name.
    public func reference(_ key: ReferenceKey) async throws -> Digest {
        var request = GetReferenceRequest()
        request.instanceName = instance.text
        request.key = key.text
        do {
            let response = try await call(ReferenceStorageMethods.getReference, request)
            return try Digest(response.digest)
        } catch let status as RPCStatus where status.code == .notFound {
            let place = instance.text.isEmpty ? "" : " in the instance “\(instance)”"
            throw ClientError(
                .referenceNotFound,
                "The server \(url) knows no reference “\(Printable.quoting(key.text))”\(place). "
                    + "Check the name, or push the tree first.",
                cause: status)
        } catch let status as RPCStatus {
            try Task.checkCancellation()
            throw ClientError(status, from: url)
        } catch let value as MalformedValue {
            throw ClientError(
                .serverFailure, "The server \(url) answered with a bad digest: \(value.sentence)",
                cause: value)
        }
    }

    /// Lets all `keys` name the tree below `root`, in one step.
    public func updateReferences(_ keys: [ReferenceKey], to root: Digest) async throws {
        var request = UpdateReferenceRequest()
        request.instanceName = instance.text
        request.keys = keys.map(\.text)
        request.digest = DigestMessage(root)
        _ = try await url.explaining { try await call(ReferenceStorageMethods.updateReference, request) }
    }

    /// Whether the server lets this caller update references, and so push.
    public func allowsUpdates() async throws -> Bool {
        var request = StatusRequest()
        request.instanceName = instance.text
        return try await url.explaining {
            try await call(ReferenceStorageMethods.status, request).allowUpdates
        }
    }
}
